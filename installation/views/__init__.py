"""The pages of the installation: for operators alone."""
