"""Failures that are kept: each in a file of its own, checked first in every later run.

``record`` is what a file holds, ``document`` how it is written, ``store`` the folder, ``fitting``
whether a kept case is still one of the layer, ``rechecking`` what it gives now, ``keeping`` what a
run adds; ``replaying`` and ``walkthrough`` are ``gradcheck replay``, ``pytest_module`` is
``--write-test``.
"""
