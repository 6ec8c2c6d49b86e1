"""The services offered, as versioned data: form, eligibility, documents, workflow, target, result, baseline."""
