"""The most memory that was resident, as Linux tells it: for the rivals of bench/run.sh."""

from pathlib import Path


def peak(reset=False):
    """Bytes that were resident at most; the system can be asked to begin anew."""
    if reset:
        Path("/proc/self/clear_refs").write_text("5")
    status = Path("/proc/self/status").read_text()
    return 1024 * int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1])
