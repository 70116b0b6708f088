import os
import subprocess

from benchmarks import processes


def test_a_tree_has_the_children_and_they_end():
    child = subprocess.Popen(["sleep", "60"])
    assert {os.getpid(), child.pid} <= set(processes.tree(os.getpid()))
    assert processes.lives(child.pid)

    child.kill()
    child.wait()
    assert not processes.lives(child.pid)


def test_private_memory_is_a_part_of_all():
    private = processes.memory_mib(os.getpid(), "Private_")

    assert 1 < private <= processes.memory_mib(os.getpid())


def test_what_this_process_uses_is_a_part_of_what_the_machine_does():
    own, machine = processes.cpu_seconds(os.getpid()), processes.machine_seconds()
    sum(range(3_000_000))

    assert 0 < processes.cpu_seconds(os.getpid()) - own < 60
    assert processes.machine_seconds() > machine
