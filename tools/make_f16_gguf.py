"""The same GGUF file with every tensor in float16 (norms in float32), for llama.cpp to be timed on.

    python tools/make_f16_gguf.py FILE OUT

Needs gguf (pip install gguf).
"""

import sys

import numpy as np
from gguf import GGMLQuantizationType as Type
from gguf import GGUFReader, GGUFValueType, GGUFWriter, LlamaFileType
from gguf.quants import dequantize


def main():
    reader = GGUFReader(sys.argv[1])
    fields = {name: field for name, field in reader.fields.items() if not name.startswith("GGUF.")}
    writer = GGUFWriter(sys.argv[2], fields["general.architecture"].contents())
    for name, field in fields.items():
        if name in ("general.architecture", "general.file_type"):
            continue
        kind = field.types[0]
        writer.add_key_value(name, field.contents(), kind, field.types[-1] if kind == GGUFValueType.ARRAY else None)
    writer.add_file_type(LlamaFileType.MOSTLY_F16)
    for tensor in reader.tensors:
        values = dequantize(tensor.data, tensor.tensor_type).astype(np.float32).reshape([int(n) for n in reversed(tensor.shape)])
        wide = values.ndim == 1
        writer.add_tensor(tensor.name, values if wide else values.astype(np.float16), raw_dtype=Type.F32 if wide else Type.F16)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    main()
