"""What keeps a discriminator from shouting?"""

from normviz.ui.lessons import demo_spectral_gan
from normviz.ui.lessons.page import page

page("spectral_gan", demo_spectral_gan.draw)
