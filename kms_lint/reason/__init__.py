"""Proofs about policies: who can do what, and what a change newly grants.

Each policy becomes a formula over finitely many classes of requests, so that every question has an exact answer: a proof,
a request that shows the opposite, or the reason why neither can be had. What is proved is proved of AWS's documentation
as `evaluate` reads it, not of AWS.
"""
