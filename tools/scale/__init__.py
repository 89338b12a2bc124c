"""``make scale``: what a change and a look cost on an index of the size of PyPI, for one on an index of a thousand projects.

1. Both indexes come from one generator, in one run, and are asked the same things in turns; what is told are ratios.
2. Only rows are made, and the pages that installers read: no release file has bytes.
3. What is written is written by the product's own flows, over the product's own schema.
"""
