package dev.sglp.cli.tuning;

import dev.sglp.family.Architecture;
import dev.sglp.family.convolution.network.residual.FreshResNet;
import dev.sglp.model.LayerSet;
import dev.sglp.report.Json;
import dev.sglp.surgery.NewCheckpoint;
import dev.sglp.tensor.Seed;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;

/// A network that trains in seconds, in `dense/`, and dark and bright noise for it, in `images/`.
record DarkAndBright(Path folder) {
    private static final List<String> CLASSES = List.of("bright", "dark");

    void make() throws IOException {
        var random = new Random(1);
        for (var split : List.of("train", "test")) {
            for (int i = 0; i < (split.equals("train") ? 120 : 40); i++) {
                draw(folder.resolve("images").resolve(split).resolve(CLASSES.get(i % 2)).resolve(i + ".png"),
                        i % 2 == 0 ? 90 : 0, random);
            }
        }
        var input = new Architecture.Input.Image(3, 8, 8, List.of(.5, .5, .5), List.of(.25, .25, .25));
        try (var network = new FreshResNet(List.of(2, 2, 1), List.of(4L, 8L, 8L)).drawn(input,
                CLASSES, Seed.of(1))) {
            NewCheckpoint.write(network.weights(), folder.resolve("dense"),
                    Json.pretty(network.architecture().config(LayerSet.EMPTY, CLASSES))
                            .getBytes(StandardCharsets.UTF_8));
        }
    }

    private static void draw(Path file, int least, Random random) throws IOException {
        var image = new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 64; i++) {
            image.setRGB(i % 8, i / 8, (least + random.nextInt(160)) * 0x010101);
        }
        Files.createDirectories(file.getParent());
        ImageIO.write(image, "png", file.toFile());
    }

    /// What a user types, without `sglp`.
    List<String> arguments(String command, String out, String... more) {
        var args = new ArrayList<>(List.of(command, folder.resolve("dense").toString(), "--data",
                "images:" + folder.resolve("images"), "--samples", "16", "--verify-samples", "24", "--batch-size", "16",
                "--threads", "2", "--quiet", "--out", folder.resolve(out).toString()));
        args.addAll(List.of(more));
        return args;
    }
}
