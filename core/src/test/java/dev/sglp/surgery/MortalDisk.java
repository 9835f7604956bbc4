package dev.sglp.surgery;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.spi.FileSystemProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/// A view of the real files on which a program dies at one of its changes: that change is not made (of bytes, a half is
/// written), nothing after it reaches the disk, whatever is tidied, and its files and locks are given up, as the system does
/// with those of a killed process.
final class MortalDisk extends FileSystemProvider {
    /// What every change ends in when the program is dead.
    static final class Killed extends Error {
        private static final long serialVersionUID = 1;
    }

    private final int last;
    private final Files files = new Files(this);
    private final List<FileChannel> open = new ArrayList<>();
    private final List<String> steps = new ArrayList<>();
    private boolean dead;

    /// @param last how many changes are made before it dies
    MortalDisk(int last) {
        this.last = last;
    }

    /// A file of the disk.
    Path of(Path real) {
        return (Path) Proxy.newProxyInstance(MortalDisk.class.getClassLoader(),
                new Class<?>[]{Path.class, Mortal.class},
                (_, method, arguments) -> {
                    switch (method.getName()) {
                        case "real" :
                            return real;
                        case "getFileSystem" :
                            return files;
                        default :
                            return wrapped(invoke(real, method, arguments));
                    }
                });
    }

    private interface Mortal {
        Path real();
    }

    private static Object invoke(Path real, java.lang.reflect.Method method, Object... arguments) throws Throwable {
        try {
            return method.invoke(real, arguments == null ? null : Stream.of(arguments).map(MortalDisk::real).toArray());
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private Object wrapped(Object result) {
        return result instanceof Path path ? of(path) : result;
    }

    private static Object real(Object argument) {
        return argument instanceof Mortal mortal ? mortal.real() : argument;
    }

    private static Path real(Path path) {
        return (Path) real((Object) path);
    }

    boolean isDead() {
        return dead;
    }

    /// The changes that were made, for instance `move config.json`.
    List<String> steps() {
        return steps;
    }

    /// A change of the disk.
    @FunctionalInterface
    interface Change<T> {
        T make() throws IOException;
    }

    <T> T change(String name, Change<T> half, Change<T> whole) throws IOException {
        if (!dead && steps.size() == last) {
            half.make();
            dead = true;
            for (var channel : open) {
                channel.close();
            }
        }
        if (dead) {
            throw new Killed();
        }
        steps.add(name);
        return whole.make();
    }

    private void change(String name, Path path, Change<Object> whole) throws IOException {
        change(name + " " + path.getFileName(), () -> "", whole);
    }

    @Override
    public FileChannel newFileChannel(Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
            throws IOException {
        if (!options.contains(StandardOpenOption.WRITE)) {
            return FileChannel.open(real(path), options, attributes);
        }
        var channel = change("open " + path.getFileName(), () -> null,
                () -> FileChannel.open(real(path), options, attributes));
        open.add(channel);
        return new MortalChannel(this, channel, path.getFileName().toString());
    }

    @Override
    public SeekableByteChannel newByteChannel(Path path, Set<? extends OpenOption> options,
            FileAttribute<?>... attributes) throws IOException {
        return newFileChannel(path, options, attributes);
    }

    @Override
    public void createDirectory(Path path, FileAttribute<?>... attributes) throws IOException {
        change("make", path, () -> java.nio.file.Files.createDirectory(real(path), attributes));
    }

    @Override
    public void delete(Path path) throws IOException {
        change("delete", path, () -> {
            java.nio.file.Files.delete(real(path));
            return "";
        });
    }

    @Override
    public void move(Path from, Path to, CopyOption... options) throws IOException {
        change("move", to, () -> java.nio.file.Files.move(real(from), real(to), options));
    }

    @Override
    public void copy(Path from, Path to, CopyOption... options) throws IOException {
        change("copy", to, () -> java.nio.file.Files.copy(real(from), real(to), options));
    }

    @Override
    public void setAttribute(Path path, String attribute, Object value, LinkOption... options) throws IOException {
        change("set", path, () -> java.nio.file.Files.setAttribute(real(path), attribute, value, options));
    }

    @Override
    public DirectoryStream<Path> newDirectoryStream(Path path, DirectoryStream.Filter<? super Path> filter)
            throws IOException {
        var stream = java.nio.file.Files.newDirectoryStream(real(path), p -> filter.accept(of(p)));
        return new DirectoryStream<>() {
            @Override
            public java.util.Iterator<Path> iterator() {
                return StreamSupport.stream(stream.spliterator(), false).map(MortalDisk.this::of).iterator();
            }

            @Override
            public void close() throws IOException {
                stream.close();
            }
        };
    }

    @Override
    public boolean isSameFile(Path a, Path b) throws IOException {
        return java.nio.file.Files.isSameFile(real(a), real(b));
    }

    @Override
    public boolean isHidden(Path path) throws IOException {
        return java.nio.file.Files.isHidden(real(path));
    }

    @Override
    public FileStore getFileStore(Path path) throws IOException {
        return java.nio.file.Files.getFileStore(real(path));
    }

    @Override
    public void checkAccess(Path path, AccessMode... modes) throws IOException {
        real(path).getFileSystem().provider().checkAccess(real(path), modes);
    }

    @Override
    public <V extends FileAttributeView> V getFileAttributeView(Path path, Class<V> type, LinkOption... options) {
        return java.nio.file.Files.getFileAttributeView(real(path), type, options);
    }

    @Override
    public <A extends BasicFileAttributes> A readAttributes(Path path, Class<A> type, LinkOption... options)
            throws IOException {
        return java.nio.file.Files.readAttributes(real(path), type, options);
    }

    @Override
    public Map<String, Object> readAttributes(Path path, String attributes, LinkOption... options)
            throws IOException {
        return java.nio.file.Files.readAttributes(real(path), attributes, options);
    }

    @Override
    public String getScheme() {
        return "mortal";
    }

    @Override
    public FileSystem newFileSystem(URI uri, Map<String, ?> environment) {
        throw new UnsupportedOperationException();
    }

    @Override
    public FileSystem getFileSystem(URI uri) {
        return files;
    }

    @Override
    public Path getPath(URI uri) {
        return of(Path.of(uri));
    }

    /// What {@link Path#getFileSystem} has to give; all that counts is its provider.
    private static final class Files extends FileSystem {
        private final FileSystem real = java.nio.file.FileSystems.getDefault();
        private final MortalDisk disk;

        Files(MortalDisk disk) {
            this.disk = disk;
        }

        @Override
        public FileSystemProvider provider() {
            return disk;
        }

        @Override
        public void close() {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public boolean isReadOnly() {
            return false;
        }

        @Override
        public String getSeparator() {
            return real.getSeparator();
        }

        @Override
        public Iterable<Path> getRootDirectories() {
            return List.of();
        }

        @Override
        public Iterable<FileStore> getFileStores() {
            return List.of();
        }

        @Override
        public Set<String> supportedFileAttributeViews() {
            return real.supportedFileAttributeViews();
        }

        @Override
        public Path getPath(String first, String... more) {
            return disk.of(real.getPath(first, more));
        }

        @Override
        public java.nio.file.PathMatcher getPathMatcher(String pattern) {
            throw new UnsupportedOperationException();
        }

        @Override
        public java.nio.file.attribute.UserPrincipalLookupService getUserPrincipalLookupService() {
            return real.getUserPrincipalLookupService();
        }

        @Override
        public java.nio.file.WatchService newWatchService() {
            throw new UnsupportedOperationException();
        }
    }
}
