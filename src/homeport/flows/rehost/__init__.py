"""A rehost, step by step: plan, fetch, review, publish; and registration, which is all of them in one call."""
