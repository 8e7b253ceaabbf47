"""The fault matrix: every fault at every step of every operation, on a whole running console.

`cells` names them, `world` is the console they befall, `rounds` runs cells side by side, and
`promises` says what must hold afterwards. With the stand-in for Airflow in the ordinary tests,
with real Airflow by `./console test --full`.
"""
