// Package seam is where methods and models meet. Who writes a method of fine-tuning (a LoRA of their own) or a model (an
// architecture that adapters can act on) writes it against this package; who uses methods and models needs package peft only,
// which stands to this one as database/sql to database/sql/driver.
//
// Methods know no model and models know no method. A model lists its sites ([Site]), the places where an adapter may act,
// and asks a [Call] at each of them while it builds its forward pass. A method says at which sites it acts, and what it does
// there. So each method works on every model, and one that is new works on those that are there.
//
// # What happens in a call
//
// A user attaches an adapter to a backbone, and then calls the backbone with it:
//
//  1. Attaching: the settings, a [Config], give a [Method]. Its Plan gets a [Blueprint], the backbone's sites and shapes, and
//     returns a [Plan]: at which sites it acts, and which values ([Param]) it keeps there. First values are drawn or loaded.
//  2. The first call for a set of shapes builds a graph of GoMLX: package peft makes a Call of the adapters that act, and calls
//     the model's Forward.
//  3. Wherever the model asks, as by Call.Linear("bert.encoder.layer.0.attention.self.query", x), the Call evaluates the
//     frozen module, wrapped in the hooks of the methods that act at this site. A hook gets an [At], which gives it the
//     adapter's values there, and next, which computes the module as it stands without the adapter.
//  4. The graph is compiled and kept. Values are inputs of it, so that later calls of these shapes build nothing, whatever the
//     values are by then, and adapters with the same shapes and the same GraphKey share it.
//
// Several adapters may act in one call: one after another, averaged, or another one for each row of the batch. The Call
// sees to that; hooks and models are written as if there were one.
//
// # Writing a method
//
// A method has two types. Its Config is a struct of settings with the keys of adapter_config.json as JSON tags and their
// defaults as default tags; it embeds [Common], checks itself in Method, and is made known by [Register]. What Method gives is
// immutable and implements Plan, GraphKey, and a hook for each kind of site that it acts at:
//
//   - [LinearHook], [ConvHook], [EmbeddingHook] change what a module computes: its input, its output, or both.
//   - [SublayerHook] inserts a module after attention or the feed-forward.
//   - [AttentionHook] adds keys and values, [InputHook] columns to the input.
//   - A method that trains frozen values themselves needs no hook, only a Param that Replaces each of them, as
//     Blueprint.SelectValues and Blueprint.Replace make them.
//
// The rest it can do is told by further interfaces, each of which may be left out: [Merger] folds the adapter into the weights,
// [Rower] takes another adapter in each row at once, [Initializer] computes first values from frozen ones, [Exporter] writes
// another file than what it computes with, [Prompter] takes positions for virtual tokens, [Stepper] changes values between the
// steps of training, [Calibrator] asks for data to start from, [Starter] and [Approximator] declare
// what the tests of every method would else object to; a config that is a [Replicator] asks for other blocks, one that is [Tying]
// for values that stay one. Those tests are package peft/pefttest. The example "method" is a whole method on one page.
//
// A hook sees what comes to its site. Where that is not enough, Call.Argument gives the arguments of the forward pass, and
// Call.Remember keeps what was found in them for the later steps of writing text; At.Move keeps what a step of training found.
//
// # Writing a model
//
// A model implements [Model]: what it is, its sites under the module paths of transformers, a check of its arguments, and its
// forward pass. It holds no values; peft.NewBackbone joins it with those of a checkpoint. It must ask the Call at every site
// that it lists, and nowhere else. Values outside of sites are read by Call.Value. If its attention goes through
// Call.Attention, its embeddings through Call.Input and what its head reads through Call.Latest, it writes text without a line
// about that; an encoder-decoder also uses Call.Encode and Call.Memory. See the example of Model.
//
// # Graph-building functions
//
// Methods of Call and At build a graph. Like GoMLX's own functions they panic on errors, with an error as the panic's value,
// and may be called only where a graph is being built: in Forward, in hooks, in Merge, in the Build of a peft.Program. Package
// peft turns such panics into errors of the call. Everything else returns errors.
//
// Shapes in comments are written [batch, sequence, width]; … stands for any number of axes. A linear map's weight is
// [out, in], as in torch.
//
// # What is stable
//
// The interfaces that methods and models implement ([Config], [Method], [Model], the hooks, and the further abilities), and
// the functions of Call, At, Blueprint and Init that they use, keep their meaning; structs may get further fields, so write
// them with field names. Before version 1.0.0 names may still change with a minor version, as the changelog says.
//
// [Frozen], [Planning], [Setup], [Slot], [Branch], [Builder], [FirstValues], [Stepping], [Stepped] and what makes a
// [Measured] are how package peft runs
// methods and models.
// They are exported for it and for tests of a method's arithmetic, and may change with it.
package seam
