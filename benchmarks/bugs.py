"""The classes of bugs, and the names under which a diagnosis or a check may state each.

Names are patterns as of the shell. A diagnosis counts as right if its name, and a check if its
own name, fits a pattern of the class (or of the wrong layer, where it has its own).
"""

from __future__ import annotations

from collections.abc import Mapping

BUGS: Mapping[str, tuple[str, ...]] = {
    # Wrong formulas, at every point.
    "constant factor": ("factor-*", "*-factor-*"),
    "sign": ("sign", "*sign*", "factor--1"),
    "transposed": ("*transpose*",),
    "wrong axis": ("*axis*", "*not-summed*", "*unsummed*", "gradient-shape-wrong", "*broadcast*"),
    "mask missing": ("*mask*",),
    "upstream ignored": ("*upstream*",),
    "diagonal Jacobian": ("*diagonal*", "*jacobian*"),
    "path missing": ("*path*", "*mean*", "*variance*", "*std*", "*missing*", "*term*", "*carried*"),
    "parameter forgotten": ("*gamma*", "*parameter*", "*weight*", "*forgotten*", "*scale*"),
    "epsilon missing": ("*eps*",),
    "wrong quantity": ("*quantity*", "*derivative*", "*twice*", "*input*", "*output*", "*mutant*"),
    "all zero": ("all-zero",),
    "one element wrong": ("*element*", "*index*", "*place*", "*last*", "*border*", "*single*"),
    "wrong order": ("*order*", "*permut*", "*swap*", "*gate*", "*block*"),
    # Wrong formulas that some shapes, options or values show.
    "overwritten": ("*overwrit*", "*accumulat*", "*repeated*", "*overlap*", "*step*"),
    "only last step": ("*step*", "*last*", "*carried*", "*time*"),
    "off by one": ("*off-by*", "*shift*", "*pad*", "*stride*", "*crop*", "*border*"),
    "option": ("*option*", "*stride*", "*pad*", "*eps*", "*alpha*", "*beta*", "*when*", "*factor*"),
    "special values": ("*tie*", "*kink*", "*zero*", "gradient-not-finite", "*mask*", "*saturat*"),
    "mode": ("*mode*", "*training*", "*evaluation*", "*running*"),
    "approximation": ("*approxim*", "*textbook*", "*eps*", "*clip*", "log(*", "*numeric*"),
    # Seen without any difference.
    "gradient shape": ("gradient-shape-wrong", "output-shape-wrong", "*shape*"),
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
