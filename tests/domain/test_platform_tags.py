"""Which platforms of wheels are told to their sender."""

import pytest

from homeport.domain.platform_tags import tag_notes


@pytest.mark.parametrize(
    "platform",
    [
        "any",
        "win32",
        "win_amd64",
        "win_arm64",
        "manylinux1_x86_64",
        "manylinux2014_ppc64le",
        "manylinux_2_28_riscv64",
        "manylinux_2_17_ppc64",
        "musllinux_1_2_aarch64",
        "linux_armv6l",
        "linux_armv7l",
        "macosx_10_9_universal2",
        "macosx_26_0_arm64",
        "ios_13_0_arm64_iphoneos",
        "android_21_x86_64",
        "pyemscripten_2025_0_wasm32",
    ],
)
def test_platforms_that_say_where_a_wheel_runs(platform: str) -> None:
    """Nothing is to be said of a platform that installers know and that keeps its promise."""
    assert tag_notes([f"cp311-cp311-{platform}"]) == ()


@pytest.mark.parametrize(
    ("platform", "words"),
    [
        ("linux_x86_64", "auditwheel"),
        ("linux_riscv64", "auditwheel"),
        ("musllinux_1_2_ppc64", "few will take"),
        ("manylinux_2_28_sparc", "few will take"),
        ("win_arm32", "few will take"),
        ("plan9_mips", "few will take"),
        ("xany", "few will take"),
    ],
)
def test_other_platforms(platform: str, words: str) -> None:
    """A platform that promises nothing, or that nobody asks for, is named once."""
    notes = tag_notes([f"cp311-cp311-{platform}", f"cp312-cp312-{platform}", "cp312-cp312-any"])
    assert len(notes) == 1
    assert platform in notes[0]
    assert words in notes[0]
