// Package road is RoAd, 2D rotary adaptation: it turns and stretches what a linear map gives, two numbers at a time.
//
//	y₁' = α (cos θ y₁ - sin θ y₂)
//	y₂' = α (sin θ y₁ + cos θ y₂)     for each pair (y₁, y₂) of W x + b
//
// θ starts as 0 and α as 1, so a fresh adapter changes nothing. Within each group of GroupSize outputs, the first half is
// paired with the second. Three variants differ in what a pair shares:
//
//   - road_1 has one θ and α for each pair, out/2 of each;
//
//   - road_2 has one for each of its two outputs, out of each;
//
//   - road_4 has one for each of the four numbers of its matrix, 2 out of each.
//
//     adapted, err := peft.Attach(backbone, "tone", &road.Config{Targets: peft.AllLinear()})
//
// # When to use it
//
// Where one process serves many adapters: a batch in which each row has its own (peft.Rows) costs next to nothing more, since
// all that differs are a few products number by number. It costs nothing at all once it is merged. It has about as
// many parameters as (IA)³ and learns about as much: on HF PEFT's MetaMathQA benchmark (Llama-3.2-3B, learning rate 1e-3) it
// answers 38.5 % of the test questions and (IA)³ 39.8 %, where a LoRA of rank 32 answers 47.8 %.
//
// # Caveats
//
// The outputs of each target must be a multiple of GroupSize, 64 by default: small models need a smaller one. The group size is
// part of what was trained; it can't be changed afterwards.
//
// # Differences from HF PEFT
//
// GPT-2's maps, which transformers keeps [in, out], are taken as well.
//
// # Paper
//
// Liao and Monz 2024, arXiv:2409.00119.
package road
