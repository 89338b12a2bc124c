"""``make bench``: Homeport beside nginx, which serves the same bytes, and beside every other index that starts here.

1. Every server has the same one core, the load generator has another; all of it is one run on one machine.
2. Every index holds the same files. What a server answers is checked before it is measured.
3. Homeport is the product as ``homeport web`` starts it, over a real home: database, rendered pages, blobs.
4. nginx is given the bytes that Homeport answered and sends the same kinds of header fields with them.
5. Rounds alternate between the servers; a figure is the median of the rounds.
6. Beside requests a second stands the processor time a request costs the server: it is the same figure on a quiet
   machine, and holds on a busy one too.
"""
