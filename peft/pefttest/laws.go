package pefttest

// law is one property of every method. hold tries a case and calls trial.failf, or returns.
type law struct {
	name, rule, why string
	hold            func(*trial)
}

// laws lists them all, in the order in which they are tried. The package's documentation lists them as well.
func laws() []law {
	return []law{
		{
			"config/roundtrip", "a config that is read is written back, with every key, to the same bytes the second time",
			"adapters are exchanged as files; a setting lost in one is another adapter", lawRoundtrip,
		},
		{
			"config/zero-is-default", "an unset field means the default that its tag names",
			"a struct that leaves fields out and a file that spells them out must be one adapter", lawZeroIsDefault,
		},
		{
			"config/bad", "a setting that can't be used gives a typed error that names its key, never a panic",
			"files come from others, and whoever mistypes a setting must learn which", lawBad,
		},
		{
			"init/identity", "a fresh adapter leaves the outputs as they are, or within the bound of the method's Starter",
			"training starts from what the pretrained model knows", lawIdentity,
		},
		{
			"params/count", "counts of values, their keys and their shapes agree with the plan",
			"counts are reported, and keys are what a file is read by", lawCount,
		},
		{
			"seed/deterministic", "equal seeds give equal first values, other seeds others",
			"a run that can't be repeated can't be compared", lawSeed,
		},
		{
			"train/isolation", "a step changes every trainable value, and nothing else",
			"a value without a gradient never learns, and the backbone is shared by other adapters", lawIsolation,
		},
		{
			"train/learns", "20 steps of Adam lower the loss",
			"a gradient of the wrong sign or place trains in vain", lawLearns,
		},
		{
			"grad/finite-difference", "gradients are the derivatives of the loss, but for those of the method's Approximator",
			"a gradient that is slightly off trains, only worse, and nobody sees it", lawGradient,
		},
		{
			"merge/equivalent", "a merged backbone computes what the adapter did; where a case can't be merged, merging gives ErrMerge",
			"merged weights are served without the adapter", lawMerge,
		},
		{
			"unmerge", "unmerging gives the old values back, to the bit",
			"merging and unmerging again and again must not wear the backbone out", lawUnmerge,
		},
		{
			"tolora", "a plain LoRA of full rank that is made of the adapter computes what it did, where it changes weights only",
			"other programs read LoRA, and what a method tells of its change must be all that it does", lawToLoRA,
		},
		{
			"disable/restores", "a call without the adapter computes what the bare backbone does, to the bit",
			"which adapter acts is an argument of each call, so none may leave a trace", lawDisable,
		},
		{
			"graph/stable", "a graph is built once for each shape, and values are not built into it",
			"compiling takes seconds, and a value that is built in never changes again", lawStable,
		},
		{
			"graph/key", "every setting that is built into a graph is in the method's GraphKey",
			"adapters of equal keys share a graph, and would compute with each other's settings", lawKey,
		},
		{
			"save/roundtrip", "a saved adapter loads to the same bits, and equal adapters give equal files",
			"what was trained is what is served", lawSave,
		},
		{
			"save/fault", "a write that fails leaves the old files",
			"a full disk must not cost the adapter that was there", lawFault,
		},
		{
			"load/strict", "a tensor that is missing, extra or misshapen is refused by its name",
			"a file that half fits would load as another adapter", lawStrict,
		},
		{
			"two/adapters", "adapters on one backbone don't touch each other",
			"one process serves many", lawTwo,
		},
		{
			"rows", "in a batch with an adapter of its own for each row, each row gets what its adapter gives alone",
			"requests for different adapters are answered in one batch", lawRows,
		},
		{
			"concurrent", "calls at the same time give what they give one by one",
			"servers call from many goroutines while adapters come and go", lawConcurrent,
		},
		{
			"ctx/cancel", "under a cancelled context nothing is computed",
			"a caller that has gone must not be computed for", lawCancel,
		},
		{
			"half", "on a bfloat16 backbone outputs stay near those in float32, gradients finite, and merged weights bfloat16",
			"large backbones are held in half precision", lawHalf,
		},
	}
}
