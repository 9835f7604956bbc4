package dev.sglp.data.picture;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/// What stands before the first scan of a JPEG file (ITU-T T.81, annex B), and which colours it means by libjpeg's rules.
///
/// The JDK converts by a colour profile that is embedded, and guesses other colours than libjpeg where the markers that name
/// them are missing or contradict each other. So it is given {@link #plain}.
final class JpegHeader {
    private static final byte[] JFIF = {(byte) 0xFF, (byte) 0xE0, 0, 16, 'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1, 0,
            0};
    private static final byte[] ADOBE = {(byte) 0xFF, (byte) 0xEE, 0, 14, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0};
    private static final int END = 0xD9;
    private static final int SCAN = 0xDA;
    private static final int COMMENT = 0xFE;
    private static final int NOT_NAMED = -1;

    private final byte[] file;
    private final List<Segment> kept = new ArrayList<>();
    private final List<Component> components = new ArrayList<>();
    private int dropped;
    private boolean jfif;
    private int transform = NOT_NAMED; // of Adobe's marker: 0 none, 1 YCbCr, 2 YCCK

    /// The colours a file may be stored in.
    enum Colours {
        GREY, YCC, RGB, CMYK, YCCK, UNKNOWN
    }

    /// @param id         what the file calls it
    /// @param horizontal sampling factor: samples beside each other, in proportion to the other components'
    /// @param vertical   sampling factor: samples one above the other
    record Component(int id, int horizontal, int vertical) {}

    private JpegHeader(byte[] file) {
        this.file = file;
    }

    /// From the code of a marker on.
    private record Segment(int from, int to) {}

    /// Whether the file is a JPEG at all.
    static boolean begins(byte[] file) {
        return file.length > 2 && (file[0] & 0xFF) == 0xFF && (file[1] & 0xFF) == 0xD8;
    }

    /// Of a file that begins as a JPEG; where it ends too early, reading what is {@link #plain} says so.
    static JpegHeader of(byte[] file) {
        var header = new JpegHeader(file);
        int at = header.marker(2);
        while (at + 2 < file.length && header.u8(at) != SCAN && header.u8(at) != END) {
            int next = Math.min(file.length, at + 1 + Math.max(2, header.u16(at + 1)));
            if (header.read(at, next)) {
                header.dropped++;
            } else {
                header.kept.add(new Segment(at, next));
            }
            at = header.marker(next);
        }
        if (at < file.length) {
            header.kept.add(new Segment(at, file.length));
        }
        return header;
    }

    /// Where the code of the next marker stands; bytes that belong to none are passed over.
    private int marker(int from) {
        int at = from;
        do {
            while (at < file.length && u8(at) != 0xFF) {
                at++;
            }
            while (at < file.length && u8(at) == 0xFF) {
                at++;
            }
        } while (at < file.length && u8(at) == 0);
        return at;
    }

    /// Takes in what one segment says.
    ///
    /// @return whether it is one of those that the JDK does not see
    private boolean read(int at, int end) {
        int marker = u8(at);
        int content = at + 3;
        if (marker == 0xE0 && end - content >= 14 && says("JFIF\0", content)) {
            jfif = true;
        } else if (marker == 0xEE && end - content >= 12 && says("Adobe", content)) {
            transform = u8(content + 11);
        } else if (marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC) {
            for (int i = content + 6; i + 3 <= end; i += 3) { // after bits, height, width and the number of components
                components.add(new Component(u8(i), u8(i + 1) >> 4, u8(i + 1) & 15));
            }
        }
        return marker >= 0xE0 && marker <= 0xEF || marker == COMMENT;
    }

    private boolean says(String text, int at) {
        for (int i = 0; i < text.length(); i++) {
            if (u8(at + i) != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    List<Component> components() {
        return components;
    }

    /// As `default_decompress_parms` of libjpeg decides.
    Colours colours() {
        return switch (components.size()) {
            case 1 -> Colours.GREY;
            case 3 -> {
                int[] ids = components.stream().mapToInt(Component::id).toArray();
                boolean rgb = transform == NOT_NAMED ? ids[0] == 'R' && ids[1] == 'G' && ids[2] == 'B' : transform == 0;
                yield rgb && !jfif ? Colours.RGB : Colours.YCC;
            }
            case 4 -> transform <= 0 ? Colours.CMYK : Colours.YCCK;
            default -> Colours.UNKNOWN;
        };
    }

    /// The file without markers of applications and comments, but for one that names {@link #colours}.
    byte[] plain() {
        boolean named = jfif && (colours() == Colours.YCC || colours() == Colours.GREY);
        if (named && dropped == 1) {
            return file;
        }
        var plain = new ByteArrayOutputStream(JFIF.length + file.length);
        plain.write(file, 0, 2);
        switch (colours()) {
            case GREY, YCC, UNKNOWN -> plain.writeBytes(JFIF);
            case RGB, CMYK -> adobe(plain, 0);
            case YCCK -> adobe(plain, 2);
        }
        for (var segment : kept) {
            plain.write(0xFF);
            plain.write(file, segment.from, segment.to - segment.from);
        }
        return plain.toByteArray();
    }

    private static void adobe(ByteArrayOutputStream plain, int transform) {
        plain.writeBytes(ADOBE);
        plain.write(transform);
    }

    private int u8(int at) {
        return file[at] & 0xFF;
    }

    private int u16(int at) {
        return u8(at) << 8 | u8(at + 1);
    }
}
