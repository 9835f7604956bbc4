package dev.sglp.cli;

import dev.sglp.Oracle;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;

/// A pico network, and a handful of noisy images of its five classes.
///
/// @param model  its `model.safetensors`, with a `config.json` beside it
/// @param images a folder with `train` and `test`
public record PicoAndNoise(Path model, Path images) {
    private static final int SIDE = 16;

    public static PicoAndNoise make(Path folder) throws IOException {
        var model = Files.createDirectories(folder.resolve("pico")).resolve("model.safetensors");
        Files.copy(Oracle.file("pico_resnet.safetensors"), model);
        Files.writeString(model.resolveSibling("config.json"), "{\"family\": \"cifar-resnet\", \"input_size\": 16}");
        var images = folder.resolve("images");
        var random = new Random(1);
        for (var split : List.of("train", "test")) {
            for (var label : List.of("a", "b", "c", "d", "e")) {
                var directory = Files.createDirectories(images.resolve(split).resolve(label));
                for (int i = 0; i < 12; i++) {
                    ImageIO.write(noise(random), "png", directory.resolve(i + ".png").toFile());
                }
            }
        }
        return new PicoAndNoise(model, images);
    }

    private static BufferedImage noise(Random random) {
        var image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < SIDE * SIDE; i++) {
            image.setRGB(i % SIDE, i / SIDE, random.nextInt(1 << 24));
        }
        return image;
    }
}
