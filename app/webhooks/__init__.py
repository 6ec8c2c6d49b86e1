"""Webhooks: events of the portal posted to other systems that subscribe to them."""
