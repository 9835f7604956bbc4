package dev.sglp.zip;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/// How an entry of a zip file is called (PKWARE's APPNOTE.TXT, 4.4.17 and appendix D): in UTF-8 where a flag says so, else in
/// the code page of the first PCs, with `/` between folders. Programs that write bare UTF-8, and those that write `\`, are
/// understood too.
public final class EntryName {
    /// Of names without the flag.
    public static final Charset CODE_PAGE = Charset.forName("IBM437");

    private EntryName() {}

    /// @param utf8 whether the flag is set
    static String of(byte[] raw, boolean utf8) {
        try {
            return path(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(raw)).toString());
        } catch (CharacterCodingException _) {
            return path(new String(raw, utf8 ? StandardCharsets.UTF_8 : CODE_PAGE));
        }
    }

    /// The name with `/` between folders, and without `./` at its start.
    public static String path(String name) {
        var path = name.replace('\\', '/');
        while (path.startsWith("./")) {
            path = path.substring(2);
        }
        return path;
    }

    /// Whether a file of this path would lie outside of the folder it is unpacked to.
    public static boolean leadsOut(String path) {
        return path.startsWith("/") || path.startsWith(":/", 1)
                || path.contains("..") && ("/" + path + "/").contains("/../");
    }
}
