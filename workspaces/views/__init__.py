"""The pages of Workspaces, and those that join Organization and Workspace."""
