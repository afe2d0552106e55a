"""The classes of bugs, and the names under which a diagnosis or a check may state each.

Names are patterns as of the shell. A diagnosis counts as right if its name, and a check if its
own name, fits a pattern of the class (or of the wrong layer, where it has its own). The checks
that only say that a gradient is wrong name no mistake.
"""

from __future__ import annotations

from collections.abc import Mapping

BUGS: Mapping[str, tuple[str, ...]] = {
    # Wrong formulas, at every point.
    "constant factor": ("factor-*", "averaged-over-*"),
    "sign": ("factor--1", "*sign*"),
    "transposed": ("*transpose*", "only-when-*>1", "gradient-shape-wrong"),
    "wrong axis": (
        "*axis*",
        "only-when-*>1",
        "*summed-over*",
        "*not-summed*",
        "gradient-shape-wrong",
    ),
    "mask missing": ("*mask*", "*clip*", "local-derivative-missing", "drawn-again-*"),
    "upstream ignored": ("*upstream*",),
    "diagonal Jacobian": ("*diagonal*", "*sum-path-missing*"),
    "path missing": ("*missing*", "*-path-*", "*without*", "*forgotten*", "*carried*", "only-*"),
    "parameter forgotten": ("*gamma*", "*parameter-ignored*", "*forgotten*", "*scale*"),
    "epsilon missing": ("*eps*",),
    "wrong quantity": (
        "*-path-wrong",
        "factor-1/x",
        "*derivative*",
        "*quantity*",
        "*instead*",
        "*-for-*",
        "*-of-*",
    ),
    "all zero": ("all-zero",),
    "one element wrong": ("only-*", "*last*", "*first*", "*border*", "*ring*", "zero-where-*"),
    "wrong order": ("*order*", "*permut*", "*swap*", "*exchanged*", "*reversed*", "*transposed*"),
    # Wrong formulas that some shapes, options or values show.
    "overwritten": ("*overwritten*", "only-*", "*contribution*"),
    "only last step": ("*last*", "*only*"),
    "off by one": ("shifted-*", "only-when-*pad*", "*crop*", "*off-by-one*"),
    "option": ("option-ignored-*", "only-when-*", "factor-*", "*alpha*", "*beta*", "*stride*"),
    "special values": ("*tie*", "*zero*", "gradient-not-finite", "only-when-*", "*saturat*"),
    "mode": ("*mode*", "*training*", "*evaluation*", "*running*"),
    "approximation": ("*approxim*", "*eps*", "*tanh*", "log(*"),
    # Seen without any difference.
    "gradient shape": ("axis-too-many", "gradient-shape-wrong", "output-shape-wrong", "*shape*"),
    "gradient missing": ("gradient-missing",),
    "interface": ("method-*", "constructor-*", "forward-returns-nothing", "layer-raises"),
    "forward wrong": ("forward-*",),
    "input mutated": ("input-mutated", "*mutated*"),
    "upstream mutated": ("upstream-mutated", "*mutated*"),
    "parameter mutated": ("parameter-mutated", "*mutated*"),
    "not deterministic": ("not-deterministic", "*random*"),
    # Seen over several calls.
    "stale cache": ("*stale*", "*cache*", "*first*"),
    "batch size": ("*batch*", "layer-raises", "*shape*", "*stale*"),
    "shared by instances": ("*instance*", "*shared*", "*class*"),
    "backward twice": ("*backward*", "*twice*", "*accumulat*", "*repeat*"),
    "stale parameter": ("*stale*", "*parameter*", "*copied*", "*update*"),
    "buffer reused": ("*buffer*", "*alias*", "*earlier*", "*result*", "*reuse*"),
    "batch of one": ("*batch*one*", "*one*", "*squeeze*", "output-shape-wrong", "*shape*"),
    "accumulates": ("*accumulat*", "*twice*", "upstream-not-linear", "*stale*", "*state*"),
    # Layout, precision, size, honesty.
    "layout": ("*layout*", "*contiguous*", "*stride*", "*order*"),
    "precision": ("*precision*", "*dtype*", "*float32*"),
    "integers": ("*integer*", "*dtype*", "*truncat*"),
    "overflow": ("*overflow*", "*stable*", "*finite*", "*large*"),
    "numerical differentiation": ("*numeric*", "*forward*", "*honest*", "*evaluat*"),
}
