//! What Linux says about processes and the machine.

use anyhow::{Context, Result};
use std::{fs, time::Duration};

/// Linux counts CPU time of processes in hundredths of a second, whatever its own clock does.
const TICK: Duration = Duration::from_millis(10);

/// The most memory that a process has held so far, in bytes.
pub(crate) fn peak_memory(pid: u32) -> Result<u64> {
    status(pid, "VmHWM:")
}

/// The memory that a process holds, in bytes.
pub(crate) fn memory(pid: u32) -> Result<u64> {
    status(pid, "VmRSS:")
}

fn status(pid: u32, field: &str) -> Result<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/status"))?;
    kilobytes(&text, field)
}

fn kilobytes(text: &str, field: &str) -> Result<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(field));
    let number = line.and_then(|rest| rest.split_whitespace().next());
    let number: u64 = number.with_context(|| format!("no {field}"))?.parse()?;
    Ok(number * 1024)
}

/// CPU time of one process.
pub(crate) fn cpu(pid: u32) -> Result<Duration> {
    let stat = Stat::read(pid)?;
    Ok(TICK * stat.own)
}

/// CPU time of a process and of all that it has ever started.
pub(crate) fn family_cpu(pid: u32) -> Result<Duration> {
    let head = Stat::read(pid)?;
    let living: u32 = children(pid)
        .iter()
        .filter_map(|child| Some(Stat::read(*child).ok()?.own))
        .sum();
    Ok(TICK * (head.own + head.of_ended_children + living))
}

/// Memory of a process and its children, what they share counted once, in bytes.
pub(crate) fn family_memory(pid: u32) -> u64 {
    let mut family = children(pid);
    family.push(pid);
    let share = |pid: &u32| {
        let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
        kilobytes(&text, "Pss:").ok()
    };
    family.iter().filter_map(share).sum()
}

/// The process that started this one.
pub(crate) fn parent(pid: u32) -> Result<u32> {
    Ok(Stat::read(pid)?.parent)
}

fn children(pid: u32) -> Vec<u32> {
    let Ok(folder) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    folder
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|child| Stat::read(*child).is_ok_and(|stat| stat.parent == pid))
        .collect()
}

/// `/proc/PID/stat`, as far as wanted.
struct Stat {
    parent: u32,
    own: u32,
    of_ended_children: u32,
}

impl Stat {
    fn read(pid: u32) -> Result<Self> {
        let text = fs::read_to_string(format!("/proc/{pid}/stat"))?;
        // The second field is a name in brackets, which may hold anything.
        let (_, rest) = text.rsplit_once(')').context("no name in stat")?;
        let fields: Vec<&str> = rest.split_whitespace().collect();
        let number = |at: usize| -> Result<u32> {
            let field = fields.get(at).context("stat is short")?;
            Ok(field.parse()?)
        };
        Ok(Self {
            parent: number(1)?,
            own: number(11)? + number(12)?,
            of_ended_children: number(13)? + number(14)?,
        })
    }
}

/// Processor, cores, memory, kernel, load.
pub(crate) fn machine() -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let info = read("/proc/cpuinfo");
    let model = info.lines().find(|line| line.starts_with("model name"));
    let model = model.and_then(|line| line.split_once(": "));
    let model = model.map_or("unknown processor", |(_, model)| model);
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let memory = kilobytes(&read("/proc/meminfo"), "MemTotal:").unwrap_or_default() >> 30;
    let kernel = read("/proc/sys/kernel/osrelease");
    let load = read("/proc/loadavg");
    let load: Vec<&str> = load.split_whitespace().take(3).collect();
    let (kernel, load) = (kernel.trim(), load.join(" "));
    format!("{model}, {cores} cores, {memory} GiB; Linux {kernel}; load before {load}")
}
