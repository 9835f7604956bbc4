package dev.sglp.checkpoint.torch;

import dev.sglp.tensor.DType;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// The `data.pkl` of a state dict, as `torch.save` writes it: an ordered dictionary of names and tensors, pickle protocol 2.
/// Each tensor has a storage of its own, with the number of its place as key.
public final class StateDictPickle {
    private static final char MARK = '(';
    private static final char TUPLE = 't';
    private static final char REDUCE = 'R';
    private static final char EMPTY_TUPLE = ')';
    private static final char SET_ITEMS = 'u';
    private static final char PERSISTENT_ID = 'Q';
    private static final char FALSE = '\u0089';
    private static final char STOP = '.';
    private static final String DICTIONARY = "ccollections\nOrderedDict\n";
    private static final String TENSOR = "ctorch._utils\n_rebuild_tensor_v2\n";

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private int storages;

    private StateDictPickle() {}

    /// One tensor of the dictionary.
    ///
    /// @param shape its sizes, outermost first
    public record Item(String name, DType dtype, List<Long> shape) {
        public Item {
            shape = List.copyOf(shape);
        }
    }

    /// The pickle of these, in this order.
    public static byte[] of(List<Item> items) {
        var pickle = new StateDictPickle();
        pickle.put("\u0080\2").put(DICTIONARY).put(EMPTY_TUPLE, REDUCE, MARK);
        items.forEach(pickle::item);
        return pickle.put(SET_ITEMS, STOP).out.toByteArray();
    }

    private void item(Item item) {
        text(item.name).put(TENSOR).put(MARK);
        storage(item.dtype, item.shape.stream().reduce(1L, Math::multiplyExact));
        number(0);
        sizes(item.shape);
        sizes(strides(item.shape));
        put(FALSE).put(DICTIONARY).put(EMPTY_TUPLE, REDUCE); // no gradient wanted, no hooks
        put(TUPLE, REDUCE);
    }

    /// `('storage', type, key, 'cpu', elements)`, to be looked up beside the pickle.
    private void storage(DType dtype, long elements) {
        put(MARK).text("storage").put("ctorch\n" + TorchGlobals.storageName(dtype) + "\n");
        text(Integer.toString(storages++)).text("cpu").number(elements).put(TUPLE, PERSISTENT_ID);
    }

    private static List<Long> strides(List<Long> shape) {
        var strides = new Long[shape.size()];
        long step = 1;
        for (int d = strides.length - 1; d >= 0; d--) {
            strides[d] = step;
            step *= Math.max(1, shape.get(d));
        }
        return List.of(strides);
    }

    private void sizes(List<Long> sizes) {
        put(MARK);
        sizes.forEach(this::number);
        put(TUPLE);
    }

    private StateDictPickle text(String text) {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        put('X');
        out.writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(bytes.length).array());
        out.writeBytes(bytes);
        return this;
    }

    /// In four bytes where that is enough, else as a long of protocol 2: its length, its bytes from the last to the first.
    private StateDictPickle number(long value) {
        if (value == (int) value) {
            put('J');
            out.writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt((int) value).array());
            return this;
        }
        var bytes = BigInteger.valueOf(value).toByteArray();
        put('\u008a', (char) bytes.length);
        for (int i = bytes.length - 1; i >= 0; i--) {
            out.write(bytes[i]);
        }
        return this;
    }

    private StateDictPickle put(char... codes) {
        return put(new String(codes));
    }

    private StateDictPickle put(String codes) {
        out.writeBytes(codes.getBytes(StandardCharsets.ISO_8859_1));
        return this;
    }
}
