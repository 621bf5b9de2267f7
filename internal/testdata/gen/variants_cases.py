"""The cases that variants.py makes: CASES[BASE, CASE]."""
import contextlib, copy, pathlib, sys

import peft, torch
import peft.tuners.boft.layer
from peft import LoraConfig
from peft.tuners.lora.config import BdLoraConfig, KasaConfig, MontecloraConfig, VeloraConfig
from safetensors.torch import load_file, save_file

from variants import Case

# BOFT's block-diagonal matrices come from a CUDA extension, without which HF PEFT takes one butterfly factor whatever is
# asked. These are the same matrices, on the CPU.
boft = sys.modules["peft.tuners.boft.layer"]


class BlockDiagonal:
    @staticmethod
    def apply(blocks):
        return torch.stack([torch.block_diag(*factor) for factor in blocks])


boft.get_fbd_cuda = lambda: True
boft.FastBlockDiag = BlockDiagonal

BERT, LLAMA, GPT2, RESNET, GEMMA = "bert_seqcls", "llama_lm", "gpt2_lm", "tiny_resnet_imgcls", "gemma2_lm"
CASES = {}
# What most cases act on.
TARGETS = {
    BERT: ["query", "value", "output.dense"], LLAMA: ["q_proj", "v_proj", "down_proj"], GPT2: ["c_attn", "c_fc"],
    RESNET: ["convolution"], GEMMA: ["q_proj", "v_proj"], "tiny_wav2vec2_ctc": [],
    "mistral_lm": [], "qwen2_lm": [], "qwen3_lm": [], "phi3_lm": [],
}


def add(base, name, kind, settings, **options):
    """A case of one config class; settings beside the task and the usual targets."""
    def config(b):
        s = dict(target_modules=list(TARGETS[base]), task_type=b.task)
        if b.kind == "imgcls":
            s["modules_to_save"] = ["classifier"]
        s |= settings() if callable(settings) else settings
        return kind(**{k: v for k, v in s.items() if v is not ...})
    assert (base, name) not in CASES, name
    CASES[base, name] = Case(config, **options)


def lora(base, name, settings, **options):
    def full():
        return dict(r=4, lora_alpha=8) | (settings() if callable(settings) else settings)
    add(base, name, LoraConfig, full, **options)


# ---- LoRA's variants. extra.kasa_loss is what KaSA's users add to the loss, extra.kasa_grad.KEY its own gradient.
def kasa_loss(m, args, key):
    for p in m.parameters():
        p.grad = None
    loss = m.base_model._get_kasa_loss()
    loss.backward()
    params = {n: p for n, p in m.named_parameters() if p.requires_grad}
    return {"kasa_loss": loss} | {"kasa_grad." + key[n]: p.grad for n, p in params.items() if p.grad is not None}


kasa = lambda **o: dict(kasa_config=KasaConfig(beta=0.01, gamma=0.02), **o)
lora(BERT, "lora-kasa", kasa(), extra=kasa_loss)
lora(LLAMA, "lora-kasa", kasa(r=3, use_rslora=True), start="base", extra=kasa_loss)
lora(LLAMA, "lora-kasa-patterns", kasa(rank_pattern={"q_proj": 2}, alpha_pattern={"down_proj": 5}), extra=kasa_loss)

bd = lambda **o: dict(use_bdlora=BdLoraConfig(**o))
lora(LLAMA, "lora-bd-a", bd(target_modules_bd_a=["q_proj", "v_proj", "down_proj"], nblocks=2))
lora(LLAMA, "lora-bd-b", bd(target_modules_bd_b=["q_proj", "v_proj", "down_proj"], nblocks=4))
lora(LLAMA, "lora-bd", dict(target_modules=["q_proj", "o_proj", "up_proj", "down_proj", "k_proj"], use_rslora=True, **bd(
    target_modules_bd_a=["o_proj", "down_proj"], target_modules_bd_b=["q_proj", "up_proj"], nblocks=2, match_strict=False)))
lora(BERT, "lora-bd", bd(target_modules_bd_a=["output.dense"], target_modules_bd_b=["query", "value"], nblocks=2))


def invoked(tokens):
    """Rows where the tokens stand in the middle, twice, at the very end, not at all, cut short, and before padding."""
    t = list(tokens)

    def args(given):
        rows = [
            [5, 9] + t + [17, 8, 4, 30, 2],
            t + [7, 7] + t + [11, 3, 12],
            [21, 22, 23, 24, 25, 26, 27] + t,
            [3, 14, 15, 9, 26, 5, 35, 8, 9],
            [40, 41, 42, 43, 44, 45, 46, 47] + t[:-1],
            [6] + t + [50, 51],
        ]
        rows = [r[:9] for r in rows]
        mask = [[1] * len(r) + [0] * (9 - len(r)) for r in rows]
        rows = [r + [1] * (9 - len(r)) for r in rows]
        ids, mask = torch.tensor(rows), torch.tensor(mask)
        return dict(input_ids=ids, attention_mask=mask, labels=ids.masked_fill(mask == 0, -100))
    return args


lora(LLAMA, "lora-alora", dict(alora_invocation_tokens=[13, 29]), args=invoked([13, 29]))
lora(LLAMA, "lora-alora-one", dict(alora_invocation_tokens=[33], use_rslora=True), args=invoked([33]))

lora(BERT, "lora-mica", dict(init_lora_weights="mica"), start=True)
lora(LLAMA, "lora-mica", dict(init_lora_weights="mica"), start=True)
lora(BERT, "lora-mica-embedding", dict(init_lora_weights="mica", target_modules=["word_embeddings", "query"]), start=True)

# extra.grad.KEY: gradients in training mode, where VeLoRA's are.
def training_grads(m, args, key):
    m = copy.deepcopy(m)
    m.zero_grad()
    m.train()
    m(**args).loss.backward()
    return {"grad." + key[n]: p.grad for n, p in m.named_parameters() if p.requires_grad}


velora = lambda **o: dict(velora_config=VeloraConfig(**o))
for base in (BERT, LLAMA):
    lora(base, "lora-velora", velora(num_groups=8, scale=0.7), training=True, extra=training_grads)
lora(LLAMA, "lora-velora-random", velora(num_groups=5, init_type="random"), training=True, extra=training_grads)
lora(LLAMA, "lora-velora-once", velora(num_groups=4, init_type="batch_average_once"), training=True, extra=training_grads)

monte = lambda **o: dict(monteclora_config=MontecloraConfig(num_samples=3, buffer_size=5, **o))


def monte_loss(m, args, key):
    """The regulariser of one seeded pass in training mode; the draws are torch's."""
    m = copy.deepcopy(m).train()
    torch.manual_seed(5)
    m(**args)
    return {"monteclora_loss": m.base_model._get_monteclora_loss()}


lora(BERT, "lora-monteclora", monte(), stochastic=True, extra=monte_loss)
lora(LLAMA, "lora-monteclora", monte(use_entropy=True, sample_scaler=0.01), stochastic=True, extra=monte_loss)

lora(LLAMA, "lora-replicated", dict(layer_replication=[(0, 2), (1, 2)]))
lora(LLAMA, "lora-params-linear", dict(target_modules=[], target_parameters=["q_proj.weight", "down_proj.weight"]))
lora(BERT, "lora-params-linear", dict(target_modules=["value"], target_parameters=["query.weight"]))

# ---- Tied embeddings, which both ends keep sharing.
lora(GPT2, "lora-tied-save", dict(fan_in_fan_out=True, modules_to_save=["wte"], ensure_weight_tying=True))
lora(GPT2, "lora-tied-tokens", dict(fan_in_fan_out=True, trainable_token_indices=[11, 3], ensure_weight_tying=True))
lora(GEMMA, "lora-tied-target", dict(target_modules=["v_proj", "embed_tokens"], ensure_weight_tying=True))
lora(GEMMA, "lora-tied-both", dict(target_modules=["v_proj", "embed_tokens", "lm_head"], ensure_weight_tying=True))
lora(GEMMA, "lora-tied-save", dict(target_modules=["v_proj"], modules_to_save=["embed_tokens"], ensure_weight_tying=True))

# ---- Starts that change the base, which a file's reader must change alike.
lora(BERT, "lora-pissa", dict(init_lora_weights="pissa"), start=True, changes_base=True)
lora(LLAMA, "lora-pissa", dict(init_lora_weights="pissa", rank_pattern={"q_proj": 3}, use_rslora=True), start=True, changes_base=True)
lora(GPT2, "lora-pissa", dict(init_lora_weights="pissa", fan_in_fan_out=True), start=True, changes_base=True)
lora(BERT, "lora-olora", dict(init_lora_weights="olora"), start=True, changes_base=True)
lora(LLAMA, "lora-olora", dict(init_lora_weights="olora", lora_alpha=6), start=True, changes_base=True)

# ---- AdaLoRA after its budget was cut, whose file holds rank_pattern and cropped rows; extra.budget.* is a run of ten AdamW
# steps with the budget's schedule after each: losses, and the values of E.
def cut(m, args):
    for step in range(7):
        m.zero_grad()
        m(**args).loss.backward()
        m.base_model.update_and_allocate(step)
    m.zero_grad()


def budget(m, args, key):
    m = copy.deepcopy(m)
    opt = torch.optim.AdamW([p for p in m.parameters() if p.requires_grad], lr=0.01, weight_decay=0.01)
    losses, out = [], {}
    for step in range(10):
        m.zero_grad()
        loss = m(**args).loss
        loss.backward()
        opt.step()
        m.base_model.update_and_allocate(step)
        losses.append(loss.detach())
    out["budget.losses"] = torch.stack(losses)
    return out | {"budget." + key[n]: p for n, p in m.named_parameters() if n in key and "lora_E" in n}


ada = dict(r=8, init_r=4, target_r=2, lora_alpha=8, tinit=2, tfinal=3, total_step=10)
add(LLAMA, "adalora-budget", peft.AdaLoraConfig, ada | dict(target_modules=["q_proj", "v_proj"], deltaT=2), extra=budget, regularised=True)
add(LLAMA, "adalora-cut", peft.AdaLoraConfig, ada | dict(total_step=9, tfinal=3, target_modules=["q_proj", "down_proj"]), finish=cut, regularised=True)
add(GPT2, "adalora", peft.AdaLoraConfig, ada | dict(target_modules=["c_attn"], fan_in_fan_out=True, orth_reg_weight=0.1), regularised=True)

# ---- Convolutions.
CONV = ["embedder.convolution", "0.layer.1.convolution", "shortcut.convolution"]
conv = lambda **o: dict(target_modules=list(CONV)) | o
SMALL = ["0.layer.1.convolution", "shortcut.convolution"]
add(RESNET, "loha", peft.LoHaConfig, conv(r=3, alpha=6))

@contextlib.contextmanager
def right_gradients():
    """HF PEFT's own backward pass of the product of two cores takes the second's values for the first one's gradient, and
    the other way round. torch's differentiation of the same forward pass is right."""
    layer = sys.modules["peft.tuners.loha.layer"]
    own = layer.make_weight_cp

    def product(t1, w1a, w1b, t2, w2a, w2b, scale):
        one, two = (torch.einsum("ijkl,jr,ip->prkl", t, b, a) for t, a, b in ((t1, w1a, w1b), (t2, w2a, w2b)))
        return one * two * scale

    layer.make_weight_cp = product
    try:
        yield
    finally:
        layer.make_weight_cp = own


add(RESNET, "loha-effective", peft.LoHaConfig, conv(r=3, alpha=6, use_effective_conv2d=True), within=right_gradients)
add(RESNET, "lokr", peft.LoKrConfig, conv(r=2, alpha=4))
add(RESNET, "lokr-effective", peft.LoKrConfig, conv(r=2, alpha=4, use_effective_conv2d=True))
add(RESNET, "lokr-both-effective", peft.LoKrConfig, conv(r=1, alpha=4, use_effective_conv2d=True, decompose_both=True, decompose_factor=2))
add(RESNET, "adalora", peft.AdaLoraConfig, conv(**ada), regularised=True)

@contextlib.contextmanager
def rotated_kernels():
    """HF PEFT's forward pass of OFT rotates the patches of a convolution's input and adds them up where they overlap, so that
    not even R = 1 changes nothing; its merged weight is what the method says. The goldens hold the latter."""
    kind = sys.modules["peft.tuners.oft.layer"].Conv2d
    own = kind.forward

    def forward(self, x):
        c = self.get_base_layer()
        if self.merged:
            return c(x)
        (name,) = self.active_adapters
        rotation = self.oft_R[name].get_weight()
        w = (rotation @ c.weight.flatten(1).T).T.view_as(c.weight)
        return torch.nn.functional.conv2d(x, w, c.bias, c.stride, c.padding, c.dilation, c.groups)

    kind.forward = forward
    try:
        yield
    finally:
        kind.forward = own


add(RESNET, "oft", peft.OFTConfig, conv(target_modules=["layer.0.convolution", "shortcut.convolution"], oft_block_size=4, use_cayley_neumann=False))
add(RESNET, "oft-kernels", peft.OFTConfig, conv(target_modules=SMALL, r=1, oft_block_size=0, use_cayley_neumann=False), std=0.05, within=rotated_kernels)
add(RESNET, "oft-blocks", peft.OFTConfig, conv(oft_block_size=2, target_modules=["embedder.convolution", "shortcut.convolution"]), within=rotated_kernels)
add(RESNET, "boft", peft.BOFTConfig, conv(target_modules=["embedder.convolution", "shortcut.convolution"], boft_block_size=2))
add(RESNET, "hra", peft.HRAConfig, conv(r=2))
add(RESNET, "hra-gs", peft.HRAConfig, conv(r=2, apply_GS=True))
add(RESNET, "ia3", peft.IA3Config, conv(feedforward_modules=["embedder.convolution"]))
add(RESNET, "hira", peft.HiraConfig, conv(r=3))
WAVES = "tiny_wav2vec2_ctc"
SOUND = ["conv_layers.0.conv", "conv_layers.1.conv"]
for name, kind, settings in [
    ("loha", peft.LoHaConfig, dict(r=2, alpha=4)), ("loha-effective", peft.LoHaConfig, dict(r=2, alpha=4, use_effective_conv2d=True)),
    ("lokr", peft.LoKrConfig, dict(r=2, alpha=4)), ("hira", peft.HiraConfig, dict(r=2)),
]:
    add(WAVES, name, kind, dict(target_modules=SOUND) | settings, within=right_gradients, std=0.4)

# ---- Embeddings.
WORDS = ["word_embeddings"]
add(BERT, "hira-embedding", peft.HiraConfig, dict(target_modules=WORDS + ["query"], r=4))
add(BERT, "tinylora-embedding", peft.TinyLoraConfig, dict(target_modules=WORDS + ["query"], u=6))
add(BERT, "oft-embedding", peft.OFTConfig, dict(target_modules=WORDS, oft_block_size=8, use_cayley_neumann=False))
add(LLAMA, "hira-embedding", peft.HiraConfig, dict(target_modules=["embed_tokens", "lm_head"], r=2))

# ---- Conv1D, GPT-2's Linear.
for name, kind, settings in [
    ("fourierft", peft.FourierFTConfig, dict(n_frequency=12, scaling=150.0)), ("hira", peft.HiraConfig, dict(r=3)),
    ("ia3", peft.IA3Config, dict(target_modules=["c_attn", "c_fc"], feedforward_modules=["c_fc"])),
    ("vera", peft.VeraConfig, dict(r=5, save_projection=True)), ("gralora", peft.GraloraConfig, dict(r=4, alpha=6)),
    ("deft", peft.DeftConfig, dict(r=3)), ("frod", peft.FrodConfig, dict(sparse_rate=0.02)),
    ("pvera", peft.PveraConfig, dict(r=4)), ("randlora", peft.RandLoraConfig, dict(r=12, randlora_alpha=24)),
    ("tinylora", peft.TinyLoraConfig, dict(u=5)), ("unilora", peft.UniLoraConfig, dict(r=3, theta_d_length=20)),
    ("vblora", peft.VBLoRAConfig, dict(r=2, num_vectors=6, vector_length=16)), ("waveft", peft.WaveFTConfig, dict(n_frequency=12)),
    ("waveft-db2", peft.WaveFTConfig, dict(n_frequency=12, wavelet_family="db2")),
]:
    add(GPT2, name, kind, dict(target_modules=["c_attn"], fan_in_fan_out=True) | settings, stochastic=name == "pvera")

# ---- Options of methods. TWO are two shapes of Linear.
TWO = {BERT: ["query", "output.dense"], LLAMA: ["v_proj", "down_proj"]}
two = lambda base, **o: dict(target_modules=list(TWO[base])) | o


def option(base, name, kind, std=0.1, stochastic=False, start=False, inference_only=False, regularised=False, other_trajectory="",
           **settings):
    add(base, name, kind, two(base, **settings), std=std, stochastic=stochastic, start=start, inference_only=inference_only,
        regularised=regularised, other_trajectory=other_trajectory)


option(BERT, "loha-patterns", peft.LoHaConfig, r=3, alpha=6, rank_pattern={"query": 2}, alpha_pattern={"output.dense": 4})
option(LLAMA, "lokr-lycoris", peft.LoKrConfig, r=3, alpha=6, init_weights="lycoris")
option(LLAMA, "lokr-factor", peft.LoKrConfig, r=3, alpha=6, decompose_factor=2)
option(BERT, "lokr-full", peft.LoKrConfig, r=20, alpha=6, decompose_factor=4, rank_pattern={"query": 2}, alpha_pattern={"query": 3})
option(BERT, "lokr-both-factor", peft.LoKrConfig, r=1, alpha=6, decompose_both=True, decompose_factor=8)
option(BERT, "fourierft-pattern", peft.FourierFTConfig, n_frequency=8, n_frequency_pattern={"query": 5}, scaling=20.0, random_loc_seed=3)
option(LLAMA, "fourierft-init", peft.FourierFTConfig, n_frequency=20, scaling=100.0, init_weights=True, layers_to_transform=[1])
option(LLAMA, "c3a-pattern", peft.C3AConfig, block_size=16, block_size_pattern={"v_proj": 8, "down_proj": 4})
option(BERT, "c3a-blocks", peft.C3AConfig, block_size=4, init_weights="gaussian")
for family in ["db2", "db4", "sym4", "coif1", "db7"]:
    option(LLAMA, "waveft-" + family, peft.WaveFTConfig, n_frequency=10, wavelet_family=family)
option(BERT, "waveft-pattern", peft.WaveFTConfig, n_frequency=10, n_frequency_pattern={"query": 6}, wavelet_family="sym2", scaling=10.0, random_loc_seed=5)
option(BERT, "waveft-plain", peft.WaveFTConfig, n_frequency=10, use_idwt=False)
option(BERT, "waveft-proportional", peft.WaveFTConfig, n_frequency=10, proportional_parameters=True)
option(LLAMA, "vblora-topk", peft.VBLoRAConfig, r=2, num_vectors=12, vector_length=8, topk=3, save_only_topk_weights=True, inference_only=True)
option(LLAMA, "vblora-three", peft.VBLoRAConfig, r=3, num_vectors=12, vector_length=8, topk=3)
option(BERT, "unilora-indices", peft.UniLoraConfig, r=3, theta_d_length=24, save_indices=True)
option(LLAMA, "unilora-seed", peft.UniLoraConfig, r=2, theta_d_length=40, proj_seed=7)
add("tiny_wav2vec2_ctc", "unilora-order", peft.UniLoraConfig, dict(target_modules=["q_proj", "k_proj", "v_proj"], r=2, theta_d_length=30))
for name, settings in [("sparse", dict(sparse=True)), ("very-sparse", dict(very_sparse=True)), ("prng", dict(save_projection=False, projection_prng_key=3))]:
    option(LLAMA, "randlora-" + name, peft.RandLoraConfig, r=6, randlora_alpha=12, std=0.3, **settings)
option(BERT, "vera-seed", peft.VeraConfig, r=5, save_projection=False, projection_prng_key=11, d_initial=0.3)
option(LLAMA, "pvera-prng", peft.PveraConfig, r=4, save_projection=False, projection_prng_key=5, stochastic=True)
option(BERT, "pvera-sample", peft.PveraConfig, r=4, sample_at_inference=True, generator_seed=3, std=0.3, stochastic=True)
option(BERT, "tinylora-tied", peft.TinyLoraConfig, u=5, weight_tying=1.0)
option(LLAMA, "tinylora-half", peft.TinyLoraConfig, u=6, r=3, weight_tying=0.5, projection_seed=9)
option(LLAMA, "tinylora-prng", peft.TinyLoraConfig, u=6, save_projection=False)
option(LLAMA, "delora-patterns", peft.DeloraConfig, r=4, delora_lambda=6, rank_pattern={"v_proj": 2}, lambda_pattern={"down_proj": 9})
for base in (BERT, LLAMA):
    option(base, "glora-vector", peft.GloraConfig, r=3, config_A_B="vector", config_C="vector", config_D_E="vector")
    option(base, "glora-constant", peft.GloraConfig, r=3, config_A_B="constant", config_C="lora", config_D_E="constant")
option(BERT, "glora-bias", peft.GloraConfig, r=3, target_modules=["query"], config_A_B="none", config_C="lora", config_D_E="vector")
option(BERT, "glora-all-none", peft.GloraConfig, r=3, config_A_B="lora", config_C="none", config_D_E="none")
option(LLAMA, "deft-para", peft.DeftConfig, r=4, para=True)
option(BERT, "deft-qr", peft.DeftConfig, r=4, decomposition_method="qr", alpha=6)
option(LLAMA, "deft-scaled", peft.DeftConfig, r=4, alpha=3, init_scale=0.5)
option(BERT, "deft-para-qr", peft.DeftConfig, r=4, para=True, decomposition_method="qr")
option(LLAMA, "peanut-1", peft.PeanutConfig, r=4, depth=1, scaling=0.7)
option(BERT, "peanut-2", peft.PeanutConfig, r=3, depth=2, act_fn="gelu")
option(LLAMA, "gralora-hybrid", peft.GraloraConfig, r=4, hybrid_r=2, alpha=6)
option(BERT, "gralora-4", peft.GraloraConfig, r=8, gralora_k=4, alpha=6)
option(BERT, "boft-butterfly", peft.BOFTConfig, boft_block_size=4, boft_n_butterfly_factor=2)
option(LLAMA, "boft-butterfly-3", peft.BOFTConfig, target_modules=["q_proj", "v_proj"], boft_block_size=2, boft_n_butterfly_factor=3)
option(LLAMA, "boft-num", peft.BOFTConfig, boft_block_size=0, boft_block_num=4)
COFT = "the reference's forward pass bounds the values in place, from the first one on"
option(BERT, "oft-coft", peft.OFTConfig, other_trajectory=COFT, oft_block_size=4, coft=True, eps=1e-3)
option(LLAMA, "oft-shared", peft.OFTConfig, oft_block_size=8, block_share=True, num_cayley_neumann_terms=4)
option(LLAMA, "oft-r", peft.OFTConfig, r=4, oft_block_size=0, use_cayley_neumann=False)
option(BERT, "oft-coft-shared", peft.OFTConfig, other_trajectory=COFT, r=8, oft_block_size=0, coft=True, block_share=True, eps=1e-2, use_cayley_neumann=False)
option(BERT, "miss-5", peft.MissConfig, r=5)
option(LLAMA, "miss-mini-8", peft.MissConfig, r=8, mini_r=2, init_weights="mini")
option(LLAMA, "miss-bat-8", peft.MissConfig, r=8, init_weights="bat")
option(BERT, "supertuning-r", peft.SupertuningConfig, sparsity=0.9, r=3, lora_alpha=5)
option(LLAMA, "supertuning-low", peft.SupertuningConfig, sparsity=0.95, select_top=False)
option(BERT, "supertuning-anew", peft.SupertuningConfig, sparsity=0.97, save_precomputed_indices=False)
option(LLAMA, "shira-seed", peft.ShiraConfig, r=1, random_seed=4)
option(LLAMA, "road-1", peft.RoadConfig, variant="road_1", group_size=8)
option(LLAMA, "lily-stride", peft.LilyConfig, r=4, stride_A=2, num_B=3, scaling=0.5)
option(BERT, "frod-dense", peft.FrodConfig, sparse_rate=0.05, projection_prng_key=2)

def frod_factors(m):
    return {f"base_model.frod_V.{k}": v["default"].clone() for k, v in m.base_model.frod_V.items()}


# V is decided by rounding: HF PEFT's own is another one for weights that differ by 1e-7 of themselves.
add(LLAMA, "frod-prng", peft.FrodConfig, two(LLAMA, save_projection=False), factors=frod_factors)
option(BERT, "osf-patterns", peft.OSFConfig, target_modules=["query", "key"], effective_rank=28, rank_pattern={"query": 30})
option(LLAMA, "osf-half", peft.OSFConfig)
option(LLAMA, "hra-odd", peft.HRAConfig, r=3)
option(LLAMA, "hira-pattern", peft.HiraConfig, r=4, rank_pattern={"v_proj": 2})
option(LLAMA, "ia3-plain", peft.IA3Config, feedforward_modules=[])
for name, kind, settings in [
    ("boft", peft.BOFTConfig, dict(bias="boft_only")), ("c3a", peft.C3AConfig, dict(bias="c3a_only", block_size=8)),
    ("vera", peft.VeraConfig, dict(bias="vera_only", r=4)), ("hra", peft.HRAConfig, dict(bias="hra_only", r=2)),
    ("oft", peft.OFTConfig, dict(bias="all", oft_block_size=8)), ("fourierft", peft.FourierFTConfig, dict(bias="fourier_only", n_frequency=6, scaling=20.0)),
    ("adalora", peft.AdaLoraConfig, ada | dict(bias="lora_only")), ("miss", peft.MissConfig, dict(bias="MiSS_only", r=4)),
    ("gralora", peft.GraloraConfig, dict(bias="gralora_only", r=2)), ("delora", peft.DeloraConfig, dict(bias="delora_only", r=2)),
]:
    option(BERT, name + "-bias", kind, regularised=name == "adalora", **(dict(target_modules=["query"]) | settings))

# ---- ShadowPEFT, whose last block's update nets nothing depends on: torch's AdamW leaves values without a gradient alone.
idle = "weight decay moves the values of the last block that have no gradient"


def unpadded(args):
    """What padding sees where a window holds nothing else differs between transformers' kinds of attention."""
    return args | {"attention_mask": torch.ones_like(args["attention_mask"])}


def shadow(base, name, args=None, **settings):
    add(base, name, peft.ShadowConfig, dict(target_modules=..., shadow_alpha=0.7) | settings, args=args, other_trajectory=idle, regularised=True)


shadow(LLAMA, "shadow-small", r=3, shadow_num_hidden_layers=3, shadow_hidden_size=16, shadow_num_attention_heads=2, shadow_intermediate_size=20,
       update_hidden_size=5, auxiliary_loss_weight=0.5)
shadow(LLAMA, "shadow-own", r=2, share_embeddings=False, modules_to_save=["lm_head"], auxiliary_loss_weight=0.3)
shadow(LLAMA, "shadow-last", r=2, target_modules=["1"], auxiliary_loss_weight=0.0)
shadow(GPT2, "shadow", r=2)
shadow(GPT2, "shadow-narrow", r=2, shadow_hidden_size=16, shadow_num_hidden_layers=2, shadow_intermediate_size=20)
shadow(GEMMA, "shadow", r=2)
shadow(GEMMA, "shadow-wide", r=2, shadow_hidden_size=24, shadow_num_hidden_layers=2)
for base in ("mistral_lm", "qwen2_lm", "qwen3_lm"):
    shadow(base, "shadow-narrow", r=2, shadow_hidden_size=16, shadow_num_hidden_layers=2, args=unpadded)
shadow("phi3_lm", "shadow", r=2, shadow_num_attention_heads=4)

# ---- Poly, whose forward pass takes task_ids.
def tasks(args):
    return args | {"task_ids": torch.tensor([1, 0, 1])}


for base in (BERT, LLAMA):
    for splits in (1, 2):
        add(base, f"poly-{splits}", peft.PolyConfig, two(base, r=3, n_tasks=2, n_skills=2, n_splits=splits), args=tasks, std=0.3)
add(LLAMA, "poly-4", peft.PolyConfig, two(LLAMA, r=2, n_tasks=3, n_skills=4, n_splits=4), args=tasks, std=0.3)


# ---- X-LoRA over experts in folders beside the file; extra.scalings is what its classifier gives [batch, token, site, expert].
# Values of experts that train are named by folder and key, "expert0/KEY".
def expert(base, folder, n, **settings):
    targets = ["query", "value"] if base.name == BERT else TWO[base.name]
    task = base.task if base.kind == "lm" else None  # else it would save the head too
    m = peft.get_peft_model(base.open(), LoraConfig(target_modules=targets, task_type=task, **settings))
    with torch.no_grad():
        for name, p in m.named_parameters():
            if "lora_" in name:
                p.add_(0.2 * torch.randn_like(p))
    m.save_pretrained(folder / f"expert{n}")
    return str(folder / f"expert{n}")


class XLora(Case):
    def __init__(self, base, ranks=(3, 3), **settings):
        super().__init__(lambda b: b, std=0.2, extra=lambda m, args, key: {"scalings": m.base_model.internal_xlora_scalings})
        self.ranks, self.settings = ranks, settings

    def put(self, model, base, folder):
        experts = {str(n): expert(base, folder, n, r=r, lora_alpha=4 + n) for n, r in enumerate(self.ranks)}
        model.config.use_cache = False
        m = peft.get_peft_model(model, peft.XLoraConfig(
            task_type=base.task, hidden_size=model.config.hidden_size, adapters=experts, xlora_dropout_p=0.0, **self.settings))
        return m

    def load(self, model, folder):
        model.config.use_cache = False
        config = peft.XLoraConfig.from_pretrained(folder)
        config.adapters = {k: str(folder / v) for k, v in config.adapters.items()}
        m = peft.PeftModel.from_pretrained(model, folder, config=config, is_trainable=True)
        classifier = m.base_model.internal_xlora_classifier
        values = load_file(folder / "adapter_model.safetensors")
        classifier.load_state_dict({k.split("internal_xlora_classifier.")[1]: v for k, v in values.items()})
        return m

    def save(self, model, folder):
        """With the whole classifier: HF PEFT takes layers.0 for a value of the expert that it calls 0, and leaves it out."""
        model.save_pretrained(folder, selected_adapters=["default"])
        classifier = model.base_model.internal_xlora_classifier
        values = {"base_model.internal_xlora_classifier." + k: v.contiguous() for k, v in classifier.state_dict().items()}
        save_file(values, folder / "adapter_model.safetensors", metadata={"format": "pt"})


for name, settings in [
    ("xlora-1", dict(xlora_depth=1)), ("xlora-layers", dict(xlora_depth=1, layerwise_scalings=True, softmax_temperature=0.5)),
    ("xlora-2", dict(xlora_depth=2, xlora_size=12)), ("xlora-3-layers", dict(xlora_depth=3, xlora_size=8, layerwise_scalings=True, global_scaling_weight=1.5)),
    ("xlora-top", dict(ranks=(2, 3, 2), xlora_depth=1, top_k_lora=2)),
    ("xlora-top-softmax", dict(ranks=(2, 3, 2), xlora_depth=2, xlora_size=6, top_k_lora=2, enable_softmax=False, enable_softmax_topk=True, layerwise_scalings=True)),
    ("xlora-experts", dict(xlora_depth=1, use_trainable_adapters=True)),
]:
    CASES[LLAMA, name] = XLora(LLAMA, **settings)


# ---- PSOFT and AdaMSS. factors.safetensors: psoft_A and psoft_B; adamss_index, the rows of the weight in the order in which
# the subspaces stack them up (B's heights tell where one ends).
def psoft_factors(m):
    out = {}
    for n, x in m.named_modules():
        if hasattr(x, "_psoft_A_cache"):
            out[n + ".psoft_A"], out[n + ".psoft_B"] = x._psoft_A_cache["default"], x._psoft_B_cache["default"]
    return out


def psoft(base, name, **settings):
    add(base, name, peft.PsoftConfig, two(base, r=5, psoft_alpha=5) | settings, factors=psoft_factors)


psoft(BERT, "psoft")
psoft(LLAMA, "psoft", psoft_alpha=8)
psoft(LLAMA, "psoft-pissa", ab_svd_init="pissa_init", r=4)
psoft(BERT, "psoft-neumann", use_cayley_neumann=True, num_cayley_neumann_terms=4)
psoft(LLAMA, "psoft-neumann-eps", use_cayley_neumann=True, cayley_neumann_eps=0.2)
psoft(LLAMA, "psoft-free", psoft_orth=False, psoft_mag_a=False, psoft_mag_b=False)
psoft(LLAMA, "psoft-mag-a", psoft_mag_b=False)
psoft(BERT, "psoft-lowrank", psoft_svd="lowrank", psoft_svd_lowrank_niter=6)


def adamss_factors(m):
    return {n + ".adamss_index": x.scatter_index["default"].clone() for n, x in m.named_modules() if hasattr(x, "scatter_index")}


def asa(m, args, key):
    """Eight AdamW steps, the adaptive allocation after each: losses, and which subspaces train afterwards (1 or 0)."""
    m = copy.deepcopy(m)
    params = {n: p for n, p in m.named_parameters() if p.requires_grad}
    opt = torch.optim.AdamW(params.values(), lr=0.01, weight_decay=0.01)
    losses, trains = [], []
    for step in range(8):
        m.zero_grad()
        loss = m(**args).loss
        loss.backward()
        opt.step()
        m.base_model.update_and_allocate(step)
        losses.append(loss.detach())
        trains.append({key[n]: torch.tensor(float(p.requires_grad)) for n, p in params.items() if "adamss" in n})
    return {"asa.losses": torch.stack(losses)} | {"asa.trains." + k: torch.stack([t[k] for t in trains]) for k in trains[0]}


def adamss(base, name, extra=None, **settings):
    add(base, name, peft.AdamssConfig, two(base, r=6, num_subspaces=3) | settings, factors=adamss_factors, extra=extra)


adamss(BERT, "adamss")
adamss(LLAMA, "adamss", subspace_rank=2)
adamss(LLAMA, "adamss-dynamic", subspace_rank=3, use_dynamic_rank=True, svd_threshold=0.3)
adamss(LLAMA, "adamss-asa", extra=asa, use_asa=True, asa_target_subspaces=4, init_warmup=1, final_warmup=6, mask_interval=2)


# ---- Arrow over LoRAs in folders beside the file; extra.prototypes.SITE are its experts' directions [expert, in].
class Arrow(Case):
    def __init__(self, tasks, general=0, **settings):
        super().__init__(lambda b: b, std=0, inference_only=True, extra=self.prototypes, counted=False)
        self.tasks, self.general, self.settings = tasks, general, settings

    def prototypes(self, m, args, key):
        return {"prototypes." + n.rsplit(".lora_arrow", 1)[0]: x.prototypes for n, x in m.named_modules() if hasattr(x, "prototypes")}

    def build(self, model, folder):
        places = [sorted(str(p) for p in folder.glob(k + "*") if p.is_dir()) for k in ("expert", "general")]
        config = peft.tuners.lora.config.ArrowConfig(use_gks=self.general > 0, rng_seed=3, **self.settings)
        return peft.create_arrow_model(model, places[0], config, general_adapter_paths=places[1])

    def put(self, model, base, folder):
        alike = dict(r=3, lora_alpha=6)
        for n in range(self.tasks):
            expert(base, folder, n, **alike)
        for n in range(self.general):
            pathlib.Path(expert(base, folder, 90 + n, **alike)).rename(folder / f"general{n}")
        return self.build(model, folder)

    def load(self, model, folder):
        m = self.build(model, folder)
        router = load_file(folder / "adapter_model.safetensors")
        peft.set_peft_model_state_dict(m, router, adapter_name="arrow_router")
        return m

    def save(self, model, folder):
        model.save_pretrained(folder, selected_adapters=["arrow_router"])
        for f in (folder / "arrow_router").iterdir():
            f.rename(folder / f.name)
        (folder / "arrow_router").rmdir()


CASES[LLAMA, "lora-arrow"] = Arrow(3, top_k=2)
CASES[LLAMA, "lora-arrow-gks"] = Arrow(2, general=2, top_k=1, router_temperature=0.7)
CASES[BERT, "lora-arrow"] = Arrow(2, top_k=2, router_temperature=2.0)


# ---- Rows of tokens where the head shares them.
for base, words in ((GPT2, "wte"), (GEMMA, "embed_tokens")):
    add(base, "tokens", peft.TrainableTokensConfig, dict(target_modules=[words], token_indices=[11, 3, 30]))

# ---- Shadow, whose own network samples nothing in evaluation mode but drops out while it trains.
shadow = lambda **o: dict(target_modules=..., r=3, shadow_dropout=0.0, shadow_hidden_size=8, shadow_num_attention_heads=2,
                          shadow_intermediate_size=12, update_hidden_size=5) | o
add(LLAMA, "shadow-own", peft.ShadowConfig, shadow(share_embeddings=False, shadow_alpha=0.3))
add(LLAMA, "shadow-wide", peft.ShadowConfig, shadow(shadow_hidden_size=12, update_hidden_size=None, r=2, shadow_num_hidden_layers=2))
add(LLAMA, "shadow-layers", peft.ShadowConfig, shadow(layers_to_transform=[1], auxiliary_loss_weight=0.0))
add(GPT2, "shadow", peft.ShadowConfig, shadow())

# ---- Adapters that act at once, on sites that overlap. Without a task_type, which would save a head with each.
def several(*kinds):
    return [kind(**settings) for kind, settings in kinds]


MIXED = {
    (BERT, "lora-loha-lokr"): several(
        (LoraConfig, dict(r=3, lora_alpha=6, target_modules=["query", "value"])),
        (peft.LoHaConfig, dict(r=2, alpha=3, target_modules=["query", "output.dense"])),
        (peft.LoKrConfig, dict(r=2, alpha=3, target_modules=["value", "output.dense"]))),
    (LLAMA, "adalora-lora"): several(
        (peft.AdaLoraConfig, ada | dict(target_modules=["q_proj", "v_proj"])),
        (LoraConfig, dict(r=3, lora_alpha=6, target_modules=["v_proj", "down_proj"]))),
    (LLAMA, "lora-lora"): several(
        (LoraConfig, dict(r=3, lora_alpha=6, target_modules=["q_proj", "down_proj"])),
        (LoraConfig, dict(r=2, lora_alpha=6, target_modules=["q_proj", "v_proj"], use_rslora=True))),
    (BERT, "ia3-ia3"): several(
        (peft.IA3Config, dict(target_modules=["key", "output.dense"], feedforward_modules=["output.dense"])),
        (peft.IA3Config, dict(target_modules=["key", "value"], feedforward_modules=[]))),
    (LLAMA, "hira-hira"): several(
        (peft.HiraConfig, dict(r=2, target_modules=["q_proj", "v_proj"])), (peft.HiraConfig, dict(r=3, target_modules=["v_proj"]))),
}
