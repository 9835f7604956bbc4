package dev.sglp.surgery;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;

/// A file of a {@link MortalDisk} that is written to. Nothing is flushed: these programs are killed, not their machine.
final class MortalChannel extends FileChannel {
    private final MortalDisk disk;
    private final FileChannel real;
    private final String name;

    MortalChannel(MortalDisk disk, FileChannel real, String name) {
        this.disk = disk;
        this.real = real;
        this.name = name;
    }

    @Override
    public int write(ByteBuffer bytes) throws IOException {
        return disk.change("write " + name,
                () -> real.write(bytes.slice(bytes.position(), bytes.remaining() / 2)), () -> real.write(bytes));
    }

    @Override
    public long write(ByteBuffer[] buffers, int offset, int length) throws IOException {
        return disk.change("write " + name, () -> 0L, () -> real.write(buffers, offset, length));
    }

    @Override
    public int write(ByteBuffer bytes, long at) throws IOException {
        return disk.change("write " + name, () -> 0, () -> real.write(bytes, at));
    }

    @Override
    public long transferFrom(ReadableByteChannel from, long at, long count) throws IOException {
        return disk.change("write " + name, () -> real.transferFrom(from, at, count / 2),
                () -> real.transferFrom(from, at, count));
    }

    @Override
    public FileChannel truncate(long size) throws IOException {
        return disk.change("truncate " + name, () -> real, () -> real.truncate(size));
    }

    @Override
    public void force(boolean metaData) throws IOException {
        disk.change("flush " + name, () -> "", () -> "");
    }

    @Override
    public int read(ByteBuffer to) throws IOException {
        return real.read(to);
    }

    @Override
    public long read(ByteBuffer[] buffers, int offset, int length) throws IOException {
        return real.read(buffers, offset, length);
    }

    @Override
    public int read(ByteBuffer to, long at) throws IOException {
        return real.read(to, at);
    }

    @Override
    public long position() throws IOException {
        return real.position();
    }

    @Override
    public FileChannel position(long at) throws IOException {
        real.position(at);
        return this;
    }

    @Override
    public long size() throws IOException {
        return real.size();
    }

    @Override
    public long transferTo(long at, long count, WritableByteChannel to) throws IOException {
        return real.transferTo(at, count, to);
    }

    @Override
    public MappedByteBuffer map(MapMode mode, long at, long size) {
        throw new UnsupportedOperationException("a mapping's changes cannot be counted");
    }

    @Override
    public MemorySegment map(MapMode mode, long at, long size, Arena arena) {
        throw new UnsupportedOperationException("a mapping's changes cannot be counted");
    }

    @Override
    public FileLock lock(long at, long size, boolean shared) throws IOException {
        return real.lock(at, size, shared);
    }

    @Override
    public FileLock tryLock(long at, long size, boolean shared) throws IOException {
        return real.tryLock(at, size, shared);
    }

    @Override
    protected void implCloseChannel() throws IOException {
        real.close();
    }
}
