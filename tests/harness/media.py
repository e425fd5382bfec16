"""What is in a media file, and what is heard and seen in it: ffmpeg's and ffprobe's word."""

import json
import re
import subprocess


def tool(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=120,
                          stdin=subprocess.DEVNULL)
    assert done.returncode == 0, f"{command}: {done.stderr[-2000:]}"
    return done


def probe(path):
    """{"video": {"codec", "frames", "first", "last", "width", "height"}, "audio": …}; every packet is decoded, so
    that a broken file is noticed. Times in seconds."""
    streams = json.loads(tool("ffprobe", "-v", "error", "-show_streams", "-of", "json", path).stdout)["streams"]
    found = {}
    for stream in streams:
        frames = json.loads(tool("ffprobe", "-v", "error", "-select_streams", stream["index"], "-show_entries",
                                 "frame=pts_time,duration_time", "-of", "json", path).stdout)["frames"]
        times = [float(frame["pts_time"]) for frame in frames if "pts_time" in frame]
        found[stream["codec_type"]] = {"codec": stream["codec_name"], "frames": len(frames),
                                       "first": times[0] if times else None,
                                       "last": times[-1] if times else None,
                                       "width": stream.get("width"), "height": stream.get("height")}
    return found


def mean_colour(picture):
    """Of an encoded picture's bytes: {"red", "green", "blue"}, each 0 to 255."""
    one = subprocess.run(["ffmpeg", "-v", "error", "-i", "-", "-vf", "scale=1:1", "-pix_fmt", "rgb24", "-f", "rawvideo", "-"],
                         input=picture, capture_output=True, check=True, timeout=120).stdout
    return dict(zip(("red", "green", "blue"), one))


def loudness(path, begin=0, filters=""):
    """Mean level of the sound in dB full scale, after filters."""
    chain = f"{filters + ',' if filters else ''}volumedetect"
    said = tool("ffmpeg", "-nostdin", "-ss", begin, "-i", path, "-vn", "-af", chain, "-f", "null", "-").stderr
    return float(re.search(r"mean_volume: (-?[\d.]+|-inf) dB", said)[1])


def psnr(path, original, rate):
    """Mean likeness of a recording to its original in dB. Frames are paired by their time; the recording may begin up
    to ten frames late, and a receiver's timestamps move by some milliseconds against the sender's while it learns the
    path's delay, so that pairing is taken which fits best once that is learned."""
    def mean(skip, shift, part="null"):
        said = tool("ffmpeg", "-nostdin", "-i", path, "-i", original, "-an", "-lavfi",
                    f"[0:v]setpts=PTS-STARTPTS,{part}[a];"
                    f"[1:v]trim=start_frame={skip},setpts=PTS-STARTPTS-{shift}/{rate}/TB,{part}[b];"
                    "[a][b]psnr=shortest=1", "-f", "null", "-").stderr
        return float(re.search(r"average:([\d.]+|inf)", said)[1])
    skip = max(range(10), key=lambda frames: mean(frames, 0.5, "trim=start=2:end=3"))
    return max(mean(skip, shift) for shift in (0.2, 0.5, 0.8, 1.1))
