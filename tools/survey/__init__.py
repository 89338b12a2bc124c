"""A survey of an index as large as the problem of 2013, against a simulated outside: what it says, and how long it takes.

python -m tools.survey            25,000 projects, 18,000 external links
python -m tools.survey --projects 1250
"""
