package dev.sglp.checkpoint.mapped;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/// Where files lie.
final class FileSystems {
    /// How file systems begin that other machines write to.
    private static final String[] SHARED = {"nfs", "cifs", "smb", "fuse", "9p", "afs", "ceph", "lustre", "gpfs",
            "beegfs", "glusterfs", "virtiofs", "ocfs2", "gfs2", "webdav", "vboxsf", "vmhgfs", "prl_fs"};
    private static final Set<String> MEMORY = Set.of("tmpfs", "ramfs");

    private FileSystems() {}

    /// Whether nobody but this machine writes to the disk; also where the system does not say.
    static boolean local(Path path) {
        try {
            return local(Files.getFileStore(path).type());
        } catch (IOException _) {
            return true;
        }
    }

    /// Whether what lies there takes memory; not where the system does not say.
    static boolean memory(Path path) {
        try {
            return MEMORY.contains(Files.getFileStore(path).type().toLowerCase(Locale.ROOT));
        } catch (IOException _) {
            return false;
        }
    }

    static boolean local(String type) {
        var name = type.toLowerCase(Locale.ROOT);
        return Stream.of(SHARED).noneMatch(name::startsWith);
    }
}
