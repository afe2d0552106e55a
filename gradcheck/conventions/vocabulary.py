"""What people call the arguments and arrays of layers: the only place where names are believed.

A name alone never decides: it orders what is tried first. Names are compared in lower case and
without underscores.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

UPSTREAM = frozenset(
    {"dout", "delta", "deltas", "upstream", "error", "err", "outputerror", "grad", "grads"}
    | {"g", "dy", "dz", "da", "dh", "dx", "dvalues", "accumgrad", "dnext", "danext", "dloss"}
    | {"outgrad", "gradout", "gradoutput", "outputgradient", "outputgrad", "gradwrtoutput"}
    | {"gradswrtoutputs", "gradz", "dldz", "dlda", "dldy", "dldbz", "doutput", "dprev", "gradient"}
)
TARGETS = frozenset(
    {"t", "ts", "target", "targets", "label", "labels", "truth", "true", "y", "ys"}
    | {"ytrue", "actual", "expected", "gold", "groundtruth", "ytarget", "yt", "answer", "answers"}
    | {"truelabels", "tlabel", "desired", "real", "gt", "obs", "hr", "groundtruth", "onehot"}
)
PREDICTIONS = frozenset(
    {"ypred", "pred", "preds", "prediction", "predictions", "predicted", "yhat", "p", "probs"}
    | {"probabilities", "logits", "scores", "outputs", "output", "dvalues", "ypredicted", "a"}
    | {"al", "x", "inputs", "out"}
)
RATES = frozenset(
    {"learningrate", "learnrate", "lr", "lrate", "eta", "alpha", "rate", "stepsize", "step"}
)
TRAINING = frozenset(
    {"train", "trainflg", "trainflag", "training", "istraining", "trainmode", "stochastic"}
    | {"istrain", "intraining", "retainderived", "retaingrads"}
)
EVALUATION = frozenset({"eval", "evaluate", "evaluation", "test", "testing", "istest", "inference"})
IDS = frozenset(
    {"idx", "ids", "indices", "index", "tokens", "words", "wordids", "idxs", "tokenids", "inds"}
)
STATES = frozenset(
    {"h", "hprev", "prevh", "h0", "hprevt", "hidden", "aprevstate", "c", "cprev", "prevc", "c0"}
    | {"state", "hprevl", "a0", "initialstate", "hiddenstate", "hiddenprev"}
)
MASKS = frozenset({"mask", "attnmask", "attentionmask", "srcmask", "padmask", "keymask"})
OPTIMISERS = frozenset({"optimizer", "optimiser", "optim", "opt", "updater"})
CACHES = frozenset({"cache", "caches", "ctx", "context", "saved", "memory"})
NODES = frozenset({"node", "op", "self"})

SIZES_IN = frozenset(
    {"infeatures", "infeature", "nin", "inputsize", "inputdim", "indim", "ninputs", "inchannels"}
    | {"inchannel", "numfeatures", "nfeatures", "din", "inplanes", "dmodel", "fanin", "nx", "dim"}
    | {"features", "normalizedshape", "insize", "numinputs", "inputunits", "inputchannels", "d"}
    | {"inputfeatures", "embeddim", "channels", "cin", "inputdims", "numchannels", "ninput", "inch"}
    | {"hiddendimension", "embeddingdim", "inputdimension", "nchannels", "size", "infeat"}
)
SIZES_OUT = frozenset(
    {"outfeatures", "outfeature", "nout", "outputsize", "outputdim", "outdim", "nneurons", "nunits"}
    | {"units", "outchannels", "outchannel", "nfilters", "filters", "numfilters", "hiddensize"}
    | {"hiddendim", "hidden", "dout", "outplanes", "noutputs", "neurons", "outputunits", "depth"}
    | {"numoutputs", "outsize", "outputchannels", "cout", "layerdepth", "h", "outch", "noutput"}
    | {"numunits", "nhidden", "outputdims", "outputdimension", "numneurons", "nodes", "outfeat"}
)
VOCABULARIES = frozenset(
    {"vocabsize", "numembeddings", "vocab", "nvocab", "vocabularysize", "v", "numtokens", "ntokens"}
)
WINDOWS = frozenset(
    {"kernelsize", "kernel", "kernelshape", "filtersize", "filtershape", "poolsize", "poolshape"}
    | {"ksize", "k", "f", "size", "fsize", "windowsize", "window", "poolh", "poolw", "poolheight"}
    | {"poolwidth", "kernelheight", "kernelwidth", "kh", "kw", "filterheight", "filterwidth", "ks"}
    | {"poolingsize", "poolingshape", "hh", "ww", "fh", "fw"}
)
STRIDES = frozenset({"stride", "strides", "s", "step", "subsampling"})
PADDINGS = frozenset({"pad", "padding", "paddings", "p2d"})
FACTORS = frozenset(
    {"upsamplingfactor", "downsamplingfactor", "factor", "scalefactor", "upsample", "times"}
)
HEADS = frozenset({"heads", "numheads", "nheads", "nhead", "numhead"})
GROUPS = frozenset({"groups", "numgroups", "ngroups", "g"})
PROBABILITIES = frozenset(
    {"p", "rate", "ratio", "dropout", "dropoutratio", "dropoutrate", "dropoutprob", "dropoutp"}
    | {"keepprob", "prob", "probability", "drop", "keep", "inclprob", "dropprob", "pdrop"}
)
SHAPES = frozenset(
    {"inputshape", "inshape", "shape", "xshape", "imageshape", "inputsizes", "inputdimensions"}
)
INITIALISERS = frozenset(
    {"weightinitfn", "biasinitfn", "init", "initializer", "initialiser", "initfn", "weightinit"}
    | {"initializemethod", "weightsinit", "biasinit", "weightsinitfn", "initweights", "initw"}
)
ACTIVATIONS = frozenset(
    {"activation", "act", "actfn", "activationfn", "f", "func", "function", "nonlinearity", "fn"}
)
DERIVATIVES = frozenset(
    {"activationprime", "fprime", "derivative", "activationderivative", "dactivation", "dact"}
    | {"activationgrad", "gradient", "df", "prime"}
)
WEIGHTS = frozenset(
    {"w", "weight", "weights", "kernel", "kernels", "filters", "filter", "param", "theta", "wx"}
    | {"ww", "mat", "matrix", "embedding", "table", "emb"}
)
BIASES = frozenset({"b", "bias", "biases", "intercept", "w0", "bb", "bh", "bx", "by"})
SCALES = frozenset({"gamma", "g", "scale", "scaler", "bw", "gain", "alpha"})
SHIFTS = frozenset({"beta", "shift", "intercept", "bb", "offset"})

_SWITCHES = frozenset(
    {"normalize", "normalise", "bias", "usebias", "fitbias", "hasbias", "scale", "affine"}
    | {"average", "sizeaverage", "countincludepad", "causal", "inverted"}
    | {"training", "train", "istraining"}
)
_NO_GRADIENTS = ("data", "dict", "depth", "dim", "decay", "direct", "dropout", "debug", "dtype")

RESETS = (
    "flush_gradients",
    "zero_grad",
    "zero_grads",
    "zeroGradParameters",
    "clear_grad",
    "clear_grads",
    "reset_grad",
    "reset_grads",
    "reset_gradients",
    "zero_gradients",
    "clear_gradients",
    "zerograd",
    "_clear_gradients",
)
"""Methods that set accumulated gradients to zero."""

SYNONYMS: Mapping[str, frozenset[str]] = {
    "W": WEIGHTS,
    "b": BIASES,
    "gamma": SCALES | {"weight", "weights", "w"},
    "beta": SHIFTS | BIASES,
    "Wx": frozenset({"wx", "wih", "wax", "wxh", "u", "winput", "wi", "weightih"}),
    "Wh": frozenset({"wh", "whh", "waa", "wrec", "w", "wrecurrent", "weighthh"}),
    "h": STATES,
    "h0": STATES,
    "c": frozenset({"c", "cprev", "prevc", "cprevt"}),
    "c0": frozenset({"c0", "c", "cprev"}),
    "t": TARGETS,
    "ids": IDS | {"x", "xs", "inputs", "input"},
    "mask": MASKS,
    "a": frozenset({"a", "alpha", "weight"}),
    "running_mean": frozenset({"runningmean", "runningm", "movingmean", "meanrunning"}),
    "running_var": frozenset({"runningvar", "runningv", "movingvar", "varrunning"}),
}
"""Array of a kind -> what else it is called."""


def plain(name: str) -> str:
    """Return ``name`` as it is compared: lower case, letters and digits only."""
    return re.sub(r"[\W_]", "", name).lower()


def is_upstream(name: str) -> bool:
    """Return whether an argument of backward speaks of the upstream gradient."""
    word = plain(name)
    if word in UPSTREAM or word.endswith(("grad", "gradient", "delta", "gradients", "grads")):
        return True
    if word.startswith(("dld", "grad", "dl", "delta", "dout", "upstream")):
        return True
    return len(word) > 1 and word[0] == "d" and not word.startswith(_NO_GRADIENTS)


def is_target(name: str) -> bool:
    """Return whether an argument is unmistakably what a loss compares with."""
    word = plain(name)
    sure = TARGETS - {"t", "y", "ts", "ys", "real", "true", "hr", "obs"}
    return word in sure or "label" in word or "target" in word


def is_switch(name: str) -> bool:
    """Return whether an option that is true or false changes what a layer computes."""
    return plain(name) in _SWITCHES


def means(own: str, array: str) -> bool:
    """Return whether ``own`` is a usual name of the ``array`` of a kind."""
    word = plain(own)
    return word == plain(array) or word in SYNONYMS.get(array, frozenset())
