"""The pages' front end: the only part that talks to Streamlit."""
