package dev.sglp.data;

import dev.sglp.tensor.Device;
import dev.sglp.tensor.Scope;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/// A finite, ordered set of items that can be batched any number of times with the same result.
public interface Dataset {
    /// What people call it, for instance `cifar10-jpeg.zip, train, 128 images sampled with seed 0`.
    String name();

    /// Number of items.
    int size();

    /// Items `[from, to)` as tensors in the current scope. Several threads may ask at the same time.
    ///
    /// @throws IndexOutOfBoundsException where the range leaves `[0, size())`
    Batch batch(int from, int to);

    /// The same items in batches that lie on a device.
    default Dataset on(Device device) {
        return device.isCpu() ? this : new Elsewhere(this, device);
    }

    /// Whether something is drawn of each item, which another pass draws anew.
    default boolean draws() {
        return false;
    }

    /// The same items for another pass of a training: what is drawn of them is drawn anew, their answers stay as many.
    default Dataset drawn(long seed) {
        return this;
    }

    /// How many answers items `[from, to)` ask for, all of which count alike in a mean loss; of text, predicted tokens.
    default long answers(int from, int to) {
        return to - from;
    }

    /// How many vectors a pass makes of items `[from, to)`: of text one for each token.
    default long places(int from, int to) {
        return to - from;
    }

    /// These items, in this order, as tensors in the current scope; an item may be named more than once.
    ///
    /// @throws IndexOutOfBoundsException where an index leaves `[0, size())`
    default Batch pick(int... items) {
        var all = Arrays.stream(items).mapToObj(i -> batch(i, i + 1)).toList();
        var inputs = all.stream().map(Batch::inputs).toArray(Tensor[]::new);
        var targets = all.stream().map(Batch::targets).toArray(Tensor[]::new);
        return new Batch(Scope.yield(() -> torch.cat(new TensorVector(inputs), 0)),
                Scope.yield(() -> torch.cat(new TensorVector(targets), 0)));
    }

    /// Says what will be picked next, batch by batch, so that it may be made ready ahead.
    default void expect(List<int[]> picks) {}

    /// Names of the classes in label order.
    List<String> classes();

    /// A hash of each item's content (not its label): roles that share a hash share an item.
    List<String> itemHashes();

    /// A hash of all that its batches hold, in their order: other data have another.
    default String digest() {
        return digest(String.join("", itemHashes()).getBytes(StandardCharsets.UTF_8));
    }

    /// SHA-256 in hexadecimal.
    static String digest(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
