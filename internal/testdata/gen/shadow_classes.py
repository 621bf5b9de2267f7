"""Makes lora/shadow/testdata/classes: ShadowPEFT on a sequence classifier, which the golden bases have none of that is a decoder.

    pip install torch==2.15.0 transformers==5.23.0 peft==0.21.2
    python shadow_classes.py ../../../lora/shadow/testdata/classes

base and adapter are folders as transformers and HF PEFT save them; golden.safetensors holds in.*, out.* and grad.KEY.
"""
import pathlib, shutil, sys, warnings

import peft, torch, transformers
from safetensors.torch import save_file

warnings.filterwarnings("ignore")
out = pathlib.Path(sys.argv[1])
shutil.rmtree(out, ignore_errors=True)
torch.manual_seed(3)
model = transformers.LlamaForSequenceClassification(transformers.LlamaConfig(
    hidden_size=16, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, intermediate_size=24, vocab_size=40,
    max_position_embeddings=64, pad_token_id=1, num_labels=3)).eval()


def move(parameters):
    with torch.no_grad():
        for p in parameters:
            p.add_(0.2 * torch.randn_like(p))


move(model.parameters())
model.save_pretrained(out / "base")
model = peft.get_peft_model(model, peft.ShadowConfig(task_type="SEQ_CLS", r=3, auxiliary_loss_weight=0.5, shadow_alpha=0.6)).eval()
move(p for p in model.parameters() if p.requires_grad)
model.save_pretrained(out / "adapter")
(out / "adapter" / "README.md").unlink(missing_ok=True)
ids = torch.tensor([[5, 9, 2, 7], [8, 3, 1, 1], [4, 4, 6, 1]])
args = dict(input_ids=ids, attention_mask=(ids != 1).long(), labels=torch.tensor([0, 2, 1]))
result = model(**args)
result.loss.backward()
golden = {"in." + k: v for k, v in args.items()} | {"out.loss": result.loss, "out.logits": result.logits}
for name, p in model.named_parameters():
    if p.grad is not None:
        golden["grad." + name.replace(".modules_to_save.default", "")] = p.grad
save_file({k: v.detach().contiguous() for k, v in golden.items()}, out / "golden.safetensors")
