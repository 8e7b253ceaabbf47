"""The pages of Deployments, one module for each group of pages; each names its own routes."""
