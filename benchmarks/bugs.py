"""The classes of bugs, and the names under which a diagnosis or a check may state each.

Names are patterns as of the shell. A diagnosis counts as right if its name, and a check if its
own name, fits a pattern of the class (or of the wrong layer, where it has its own). The checks
that only say that a gradient is wrong name no mistake, and neither does a condition under which
it shows (``only-when-``). Patterns were added after reading what was said of a layer of the class,
where it was what is wrong with it; so "named rightly" is the judgement of people, kept here.
"""

from __future__ import annotations

from collections.abc import Mapping

BUGS: Mapping[str, tuple[str, ...]] = {
    # Wrong formulas, at every point.
    "constant factor": (
        "factor-*",
        "averaged-over-*",
        "not-divided",
        "divided-by-side",
        "mean-over-batch",
        "shared-among-rows",
        "bias-mean-over-places",
        "variance-path-over-less",
    ),
    "sign": ("factor--1", "*sign*"),
    "transposed": ("*transpose*", "gradient-shape-wrong"),
    "wrong axis": (
        "*axis*",
        "*summed-over*",
        "*not-summed*",
        "gradient-shape-wrong",
        "bias-total",
        "slopes-share-total",
        "means-over-batch",
    ),
    "mask missing": (
        "*mask*",
        "*clip*",
        "local-derivative-missing",
        "drawn-again-*",
        "derivative-missing",
        "*-bound-ignored",
        "every-entry",
        "ignored-rows-count",
        "not-cut-off",
        "every-pixel-of-block",
    ),
    "upstream ignored": ("*upstream*",),
    "diagonal Jacobian": ("*diagonal*", "*sum-path-missing*", "sum-missing", "only-label-entry"),
    "path missing": (
        "*missing*",
        "*-path-*",
        "*without*",
        "*forgotten*",
        "*carried*",
        "only-*",
        "first-of-block",
    ),
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
        "square-missing",
        "*-missing-in-sum",
        "factor-three-missing",
        "softmax-missing",
        "divided-by-log-probability",
        "next-state",
        "times-input",
        "multiplied-by-input",
    ),
    "all zero": ("all-zero",),
    "one element wrong": ("only-*", "*last*", "*first*", "*border*", "*ring*", "zero-where-*"),
    "wrong order": (
        "*order*",
        "*permut*",
        "*swap*",
        "*exchanged*",
        "*reversed*",
        "*transposed*",
        "tiled",
    ),
    # Wrong formulas that some shapes, options or values show.
    "overwritten": ("*overwritten*", "only-*", "*contribution*"),
    "only last step": ("*last*", "*only*"),
    "off by one": ("shifted-*", "*crop*", "*off-by-one*", "padding-cut-at-end", "next-state"),
    "option": (
        "option-ignored-*",
        "factor-*",
        "*alpha*",
        "*beta*",
        "*stride*",
        "left-side-zero",
        "bounds-of-one",
        "cut-off-at-one",
    ),
    "special values": ("*tie*", "wrong-at-a-point", "*zero*", "gradient-not-finite", "*saturat*"),
    "mode": ("*mode*", "*training*", "*evaluation*", "*running*", "forward-differs"),
    "approximation": ("*approxim*", "*eps*", "*tanh*", "log(*"),
    # Seen without any difference.
    "gradient shape": (
        "axis-too-many",
        "axis-missing",
        "gradient-shape-wrong",
        "output-shape-wrong",
        "*shape*",
    ),
    "gradient missing": ("gradient-missing",),
    "interface": ("method-*", "constructor-*", "forward-returns-nothing", "layer-raises"),
    "forward wrong": ("forward-*",),
    "input mutated": ("input-mutated", "*mutated*"),
    "upstream mutated": ("upstream-mutated", "*mutated*"),
    "parameter mutated": ("parameter-mutated", "*mutated*"),
    "not deterministic": ("not-deterministic", "generator-reseeded", "*random*"),
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
