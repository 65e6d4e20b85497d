"""Networks in plain torch: activations, initializers, normalizations, and the MLP made of them."""
