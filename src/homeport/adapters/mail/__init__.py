"""How mail leaves: by SMTP."""
