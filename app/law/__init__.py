"""Figures of law: amounts, rates, ages and terms that a norm sets, each with the days on which it is in force."""
