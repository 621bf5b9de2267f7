// Package optim holds optimisers and learning rate schedules for training inside one compiled graph.
//
// Everything an optimiser does to a gradient is a [Transform]: clipping, weight decay, moments, the
// learning rate, masking, accumulation. A [Chain] applies its links in order, so AdamW is
//
//	optim.Chain{
//		optim.ScaleByAdam{Betas: [2]float64{0.9, 0.999}, Eps: 1e-8}, // gradient to direction
//		optim.DecayWeights{WeightDecay: 0.01},                        // decoupled: after the moments
//		optim.ScaleByRate{},                                          // times minus the learning rate
//	}
//
// and Adam with coupled decay is the same with the first two links exchanged. [AdamW], [Adam], [SGD],
// [Adamax], [NAdam], [RAdam], [Adagrad], [RMSprop], [Adadelta] and [Adafactor] are the ready-made chains, with torch's
// names and torch's defaults at their zero value; an explicit zero is written [Zero].
//
// # A step
//
// [Build] binds a transform to the trainable tensors. The [Plan] it returns knows which state tensors to carry
// ([Plan.Slots]), computes a step's numbers on the host ([Plan.Scalars]), and builds the graph of the step
// ([Plan.Apply]):
//
//	opt := optim.AdamW{LR: 1e-3, WeightDecay: 0.01}
//	schedule := optim.Linear{Warmup: 0.1}
//	clipped := optim.Chain{optim.ClipNorm{Max: 1}, opt.Transform()}
//	plan, err := optim.Build(clipped, params)
//	...
//	// While the graph is built: values, gradients and state in; values and state out.
//	newValues, newState, norm := plan.Apply(values, grads, state, scalars)
//	...
//	// Before every run of the compiled step, counted from 1:
//	numbers, err := plan.Scalars(step, opt.Rate()*schedule.Factor(step-1, total))
//
// Values go in, values come out: no variables, no hidden state. A run that is stopped and resumed with the same
// values, state and step number goes on to the same bits.
//
// # Schedules
//
// A [Schedule] tells the factor of the learning rate at each update of a run: [Constant], [Linear], [Cosine],
// [CosineRestarts], [Polynomial] and [InverseSqrt] after a [Warmup], as transformers has them; [WarmRestarts],
// [CosineAnnealing], [Steps], [Milestones], [Exponential] and [OneCycle], as torch has them.
//
// # Numbers are inputs, structure is compiled
//
// The learning rate, the decay, the betas and the norm limit are fed at every step, so a change of any of them
// never recompiles; [Plan.Key] names only what shapes the graph. Bias corrections are computed on the host in
// float64: 1 - beta^t in float32 loses about 20 times the accuracy. The arithmetic on tensors is in float32,
// whatever the dtype of the parameters.
//
// # A new optimiser
//
// It is one file for the part, one for the chain, a line in the table of TestConverge, and rows of torch's numbers in
// testdata; nothing else knows the optimisers by name.
//
// # Caveats
//
//   - A parameter in half precision has no float32 master copy here: an update below its resolution is lost.
//   - Zero, not 0, switches AdamW's decay off, as 0 stands for torch's default.
//   - A gradient that is not finite is not hidden: the norm says so, and so do the new values.
package optim
