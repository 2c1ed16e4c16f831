"""How MainHub compares: each module here measures one room against its peers.

``make bench`` measures all of them, ``make bench-resilience`` one. How it is measured stands in
``bench/harness``; what takes part, in ``bench/contenders``; how to read it, in
``docs/performance.md``.
"""
