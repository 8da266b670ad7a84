"""What GitLab Runner does with a job's Azure Key Vault secrets, and why it failed."""
