// Package lora is LoRA, low-rank adaptation: beside a frozen weight matrix it trains the product of two thin ones, which
// has a small part of its parameters and is added to it.
//
//	y = W x + b + s B A dropout(x)     s = Alpha/R, or Alpha/sqrt(R) with RSLoRA
//
// A is [R, in], B is [out, R], and W is never changed. B starts as zeros, so a fresh adapter changes nothing. LoRA acts on
// linear maps, embeddings and convolutions; on a convolution, A and B are convolutions.
//
//	adapted, err := peft.Attach(backbone, "intents", &lora.Config{R: 8, Alpha: 16, Targets: peft.Match("query", "value")})
//
// # When to use it
//
// LoRA is the first thing to try. It costs nothing once it is merged into the weights (peft.Adapted.Merge), one batch can
// mix many adapters (peft.Rows), and its files are the most widely read. More rank, or more targets (peft.AllLinear), learn
// more; with a high rank use RSLoRA. The variants, each a field of [Config]:
//
//   - DoRA trains the magnitude m [out] of each output's weights apart from their direction, with no gradient through the
//     norm: W' = m (W + s B A) / ‖W + s B A‖. It often learns better at low ranks; its steps are slower.
//   - PiSSA and OLoRA start A and B from the main directions of W itself, and so learn faster at first; see [Start]. MiCA
//     starts and keeps B at the directions of W's smallest singular values, which what was learned before uses least, and
//     trains A alone. LoftQ starts them at what quantising W loses.
//   - KaSA takes the R smallest singular values out of W and trains the update as B diag(d) A, with terms of the loss that keep
//     it in the form of a singular value decomposition.
//   - Blocks makes A or B block-diagonal (BD-LoRA), for servers that shard a model.
//   - InvocationTokens makes the adapter act from these tokens on (aLoRA), so that keys and values of what stands before are
//     the backbone's and can be kept from call to call.
//   - VeLoRA makes A's gradient of compressed inputs. MonteCLoRA draws A around its value while training.
//   - Arrow routes each token among several trained LoRAs, without training; [NewArrow] reads them.
//   - LayerReplication repeats blocks of the model, which share their weights and get LoRAs of their own.
//   - TargetParameters names weights rather than modules. TieWeights keeps embeddings and output layer one.
//   - "eva", "corda" and "lora_ga" start from data, which peft.Calibrate gives to peft.Attach: from what goes into each
//     target, from that and the weight, or from the weight's gradient; see [EVA], [CorDA] and [LoRAGA].
//   - Tokens trains whole embeddings of some tokens, such as those that were added to the vocabulary.
//
// In HF PEFT's runs of Llama 3.2 3B on MetaMathQA, LoRA of rank 32 on queries and values reached 47.8 %, with DoRA 46.9 %,
// with MiCA 43.1 %; of rank 64 with RSLoRA 51.3 %; of rank 10 on the feed-forward 49.4 %, of rank 14 there with BD-LoRA 48.7 %.
//
// # Caveats
//
// PiSSA and OLoRA take their start out of the frozen weight. HF PEFT changes the model for it, and so all other adapters on
// it; here the start is subtracted beside the adapter, and the model stays as it is. Such an adapter is saved as a plain LoRA
// of twice the rank, which opens anywhere with the same numbers. Files that HF PEFT saved with "pissa" or "olora" open too.
// Those with "pissa_niter_N", "corda" and "lora_ga" do not: their start was random, or came from data, and is in no file. CorDA
// and LoRA-GA saved here are plain LoRAs of twice the rank, too.
//
// KaSA and LoftQ change the weight as well: KaSA by as much as a LoRA of rank R, LoftQ all of it. Their files say how, and hold
// A, B and d only; whoever opens one, here or in HF PEFT, finds the changed weight again from the model as it was. Here it acts
// with the adapter alone: KaSA's as a second product of rank R, LoftQ's as a copy of the target's weight in float32. HF PEFT
// needs bitsandbytes and a GPU to open a LoftQ file. PiSSA, KaSA, MiCA and LoftQ decompose each target's weight whole, which
// takes minutes on a large model.
//
// An adapter with LayerReplication acts on another model than its backbone, one of more or fewer blocks, and goes together with
// others of the same list of blocks only; merging it gives that model. Its vocabulary and classes are the backbone's.
//
// A LoRA on a convolution of several groups, an aLoRA and a router can't be merged.
//
// # Differences from HF PEFT
//
// An entry of rank_pattern or alpha_pattern that matches no target is an error. Batches mixed by rows work with DoRA as
// well. Rows of Tokens leave an output layer's bias as it is, where HF PEFT drops it. Starts from data see each batch once
// and in evaluation mode: EVA ends with the data, where HF PEFT begins them again until directions are found, CorDA reads
// batches of more than one row and leaves out padding, and LoRA-GA's "stable" counts the outputs of a Conv1D. CorDA's two
// files are safetensors.
//
//   - KaSA's and MonteCLoRA's terms are part of the loss while training; in HF PEFT users add them. Of MonteCLoRA's, the divergence
//     between the Dirichlet distributions is the true one: HF PEFT's has a sum of logarithms with the wrong sign.
//   - KaSA goes together with other adapters, and on GPT-2's layers. LoftQ divides its start by s, so that it fits at any
//     alpha, and knows 2 bits.
//   - aLoRA does not take padding for its tokens.
//   - layer_replication works on all families with one list of blocks, and can be merged.
//   - A router's file holds the LoRAs that it routes among; HF PEFT's does not, so that it has to be made anew by NewArrow.
//     Without Seed the main directions are exact, where HF PEFT's depend on a random start.
//   - VeLoRA's direction is kept when an adapter is loaded, with "batch_average_once".
//
// Not supported is what needs a quantised backbone or Megatron; a config with it is an error that names it. target_parameters of three axes, as those of mixtures of experts, are refused:
// no family here has any.
//
// # Papers
//
// Hu et al. 2021, arXiv:2106.09685 (LoRA); Kalajdzievski 2023, arXiv:2312.03732 (rsLoRA); Liu et al. 2024, arXiv:2402.09353
// (DoRA); Meng et al. 2024, arXiv:2404.02948 (PiSSA); Büyükakyüz 2024, arXiv:2406.01775 (OLoRA);
// Paischer et al. 2024, arXiv:2410.07170 (EVA); Yang et al. 2024, arXiv:2406.05223 (CorDA); Wang et al. 2024, arXiv:2407.05000
// (LoRA-GA); arXiv:2604.01694 (MiCA); Li et al. 2023, arXiv:2310.08659 (LoftQ); Wang et al. 2024, arXiv:2412.06071 (KaSA);
// Greenewald et al. 2025, arXiv:2504.12397 (aLoRA); Miles et al. 2024, arXiv:2405.17991 (VeLoRA); arXiv:2411.04358
// (MonteCLoRA); Ostapenko et al. 2024, arXiv:2405.11157 (Arrow).
package lora
