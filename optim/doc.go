// Package optim has optimisers and learning rate schedules: AdamW, SGD and others with PyTorch's names, defaults and results.
//
// With train.Trainer an optimiser and a schedule are two options:
//
//	trainer, err := train.New(adapted, train.Options{
//		Optimizer: optim.AdamW{LR: 1e-3, WeightDecay: 0.01}, // fields that are 0 have PyTorch's defaults; Zero is an explicit 0
//		Schedule:  optim.Linear{Warmup: 0.1},                // a tenth of the steps
//	})
//
// The optimisers are [AdamW], [Adam], [SGD], [Adamax], [NAdam], [RAdam], [Adagrad], [RMSprop], [Adadelta] and [Adafactor].
// [LoRAPlus], [LoRAFA] and [Riemannian] are HF PEFT's, for LoRA.
// The schedules are [Constant], [Linear], [Cosine], [CosineRestarts], [Polynomial] and [InverseSqrt], with a [Warmup], as in
// transformers, and [WarmRestarts], [CosineAnnealing], [Steps], [Milestones], [Exponential] and [OneCycle], as in PyTorch. A
// step is an update of the parameters.
//
// # Own training loops
//
// [Build] makes a [Updater] of an optimiser and the parameters. The plan lists the state tensors to keep ([Updater.Slots]),
// computes a step's numbers ([Updater.Scalars]) and builds the graph of a step ([Updater.Apply]):
//
//	opt := optim.AdamW{LR: 1e-3, WeightDecay: 0.01}
//	schedule := optim.Linear{Warmup: 0.1}
//	clipped := optim.Chain{optim.ClipNorm{Max: 1}, opt.Transform()}
//	plan, err := optim.Build(clipped, params)
//	...
//	// While the graph is built: values, gradients and state in; values and state out.
//	newValues, newState, norm := plan.Apply(values, grads, state, scalars)
//	...
//	// Before every run of the compiled graph; steps are counted from 1:
//	numbers, err := plan.Scalars(step, opt.Rate()*schedule.Factor(step-1, total))
//
// Values go in and values come out; the plan itself never changes. So a run that is resumed with the same values, state and
// step number continues with the same results, to the bit.
//
// # Parts of optimisers
//
// Everything that is done to a gradient is a [Transform]: clipping, weight decay, moments, the learning rate. A [Chain]
// applies several, in order, so AdamW is
//
//	optim.Chain{
//		optim.ScaleByAdam{Betas: [2]float64{0.9, 0.999}, Eps: 1e-8}, // divides by the second moment
//		optim.DecayWeights{WeightDecay: 0.01},                        // behind the moments: decoupled
//		optim.ScaleByRate{},                                          // times minus the learning rate
//	}
//
// and Adam with an L2 penalty is the same with the first two exchanged. [Mask] applies a transform to some parameters only,
// for parameter groups, and [WithRate] runs an optimiser at another learning rate; [Freeze] keeps parameters as they are;
// [Accumulate] averages the gradients of several batches.
//
// The learning rate, the decay and all other numbers are inputs of the compiled graph, so a change of them never compiles
// anew; [Updater.Key] tells which plans share a graph.
//
// # Caveats
//
//   - A parameter in half precision has no float32 copy here: an update smaller than its precision is lost. The arithmetic
//     itself is in float32.
//   - 0 means PyTorch's default: AdamW{WeightDecay: 0} decays by 0.01. No decay is written [Zero].
//   - A gradient that is infinite or NaN is not skipped: the norm shows it, and so do the new values.
package optim
