"""The cases that variants.py makes: CASES[BASE, CASE]."""
import contextlib, copy, sys

import peft, torch
import peft.tuners.boft.layer
from peft import LoraConfig
from peft.tuners.lora.config import BdLoraConfig, KasaConfig, MontecloraConfig, VeloraConfig

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
add(RESNET, "loha-effective", peft.LoHaConfig, conv(r=3, alpha=6, use_effective_conv2d=True))
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
    add(WAVES, name, kind, dict(target_modules=SOUND) | settings)

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


def option(base, name, kind, std=0.1, stochastic=False, start=False, inference_only=False, extra=None, regularised=False, **settings):
    add(base, name, kind, two(base, **settings), std=std, stochastic=stochastic, start=start, inference_only=inference_only,
        extra=extra, regularised=regularised)


option(BERT, "loha-patterns", peft.LoHaConfig, r=3, alpha=6, rank_pattern={"query": 2}, alpha_pattern={"output.dense": 4})
option(LLAMA, "lokr-lycoris", peft.LoKrConfig, r=3, alpha=6, init_weights="lycoris", start=True)
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
option(BERT, "oft-coft", peft.OFTConfig, oft_block_size=4, coft=True, eps=1e-3)
option(LLAMA, "oft-shared", peft.OFTConfig, oft_block_size=8, block_share=True, num_cayley_neumann_terms=4)
option(LLAMA, "oft-r", peft.OFTConfig, r=4, oft_block_size=0, use_cayley_neumann=False)
option(BERT, "oft-coft-shared", peft.OFTConfig, r=8, oft_block_size=0, coft=True, block_share=True, eps=1e-2, use_cayley_neumann=False)
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
option(LLAMA, "frod-prng", peft.FrodConfig, save_projection=False)
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
