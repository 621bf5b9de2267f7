"""The cases that variants.py makes: CASES[BASE, CASE]."""
import copy

import peft, torch
from peft import LoraConfig
from peft.tuners.lora.config import BdLoraConfig, KasaConfig, MontecloraConfig, VeloraConfig

from variants import Case

BERT, LLAMA, GPT2, RESNET, GEMMA = "bert_seqcls", "llama_lm", "gpt2_lm", "tiny_resnet_imgcls", "gemma2_lm"
CASES = {}
# What most cases act on.
TARGETS = {
    BERT: ["query", "value", "output.dense"], LLAMA: ["q_proj", "v_proj", "down_proj"], GPT2: ["c_attn", "c_fc"],
    RESNET: ["convolution"], GEMMA: ["q_proj", "v_proj"],
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
lora(BERT, "lora-kasa", kasa(), start=True, extra=kasa_loss)
lora(LLAMA, "lora-kasa", kasa(r=3, use_rslora=True), start=True, extra=kasa_loss)
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
