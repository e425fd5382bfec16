// A sound server and an X server of a test's own.
#pragma once

#include <csignal>
#include <cstring>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/media/support.h"

namespace callagent::media {

// A child process that ends with its owner.
class Child {
public:
    Child() = default;
    Child(const std::vector<std::string> &arguments, const std::string &output = "/dev/null")
    {
        std::vector<char *> words;
        words.reserve(arguments.size() + 1);
        for (const auto &argument : arguments)
            words.push_back(const_cast<char *>(argument.c_str()));
        words.push_back(nullptr);
        pid_ = fork();
        if (pid_ == 0) {
            const int out = open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
            dup2(out, 1);
            dup2(out, 2);
            execvp(words[0], words.data());
            _exit(127);
        }
    }
    ~Child() { end(SIGTERM); }
    Child(const Child &) = delete;
    Child &operator=(const Child &) = delete;

    void signal(int number) const { kill(pid_, number); }
    void end(int number = SIGTERM)
    {
        if (pid_ <= 0)
            return;
        kill(pid_, number);
        kill(pid_, SIGCONT);
        waitpid(pid_, nullptr, 0);
        pid_ = -1;
    }
    // The status, once it has ended by itself; -1 before.
    int ended()
    {
        int status = 0;
        if (pid_ <= 0 || waitpid(pid_, &status, WNOHANG) != pid_)
            return -1;
        pid_ = -1;
        return status;
    }

private:
    pid_t pid_ = -1;
};

inline bool accepts(const std::string &path)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    const int descriptor = socket(AF_UNIX, SOCK_STREAM, 0);
    const bool connected =
        connect(descriptor, reinterpret_cast<sockaddr *>(&address), sizeof address) == 0;
    close(descriptor);
    return connected;
}

// PulseAudio with a loudspeaker "spk", and a microphone "mic" that gives what is played into
// "micfeed".
class SoundServer {
public:
    SoundServer()
    {
        g_setenv("XDG_RUNTIME_DIR", (folder_ / "").c_str(), TRUE);
        g_setenv("PULSE_COOKIE", (folder_ / "cookie").c_str(), TRUE);
        start();
    }
    ~SoundServer()
    {
        stop();
        g_unsetenv("XDG_RUNTIME_DIR");
        g_unsetenv("PULSE_COOKIE");
    }
    SoundServer(const SoundServer &) = delete;
    SoundServer &operator=(const SoundServer &) = delete;

    void start()
    {
        child_ = std::make_unique<Child>(
            std::vector<std::string>{
                "pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no",
                "-L", "module-native-protocol-unix socket=" + socket(), "-L",
                "module-null-sink sink_name=spk", "-L", "module-null-sink sink_name=micfeed", "-L",
                "module-remap-source master=micfeed.monitor source_name=mic", "-L",
                "module-null-sink sink_name=other"},
            folder_ / "log");
        running_ = run_until([this] { return accepts(socket()); });
        run("pactl set-default-sink spk");
        run("pactl set-default-source mic");
    }
    void stop(int number = SIGTERM) { child_->end(number); }
    void pause() { child_->signal(SIGSTOP); }
    void go_on() { child_->signal(SIGCONT); }
    bool running() const { return running_; }
    std::string socket() const { return folder_ / "pulse/native"; }

    static bool run(const std::string &command)
    {
        Child child({"sh", "-c", command});
        int status = -1;
        return run_until([&] { return (status = child.ended()) != -1; }) && status == 0;
    }

private:
    const Folder folder_;
    std::unique_ptr<Child> child_;
    bool running_ = false;
};

// Xvfb on a display number that it finds itself. It stays as it is when its last client goes, like
// a display that somebody sits in front of: autovideosink opens each sink twice.
class XServer {
public:
    XServer()
    {
        int ends[2] = {-1, -1};
        if (pipe(ends) != 0)
            return;
        child_ = std::make_unique<Child>(
            std::vector<std::string>{"Xvfb", "-noreset", "-displayfd", std::to_string(ends[1]),
                                     "-screen", "0", "640x480x24", "-nolisten", "tcp"});
        close(ends[1]);
        char number[16] = {};
        const auto length = read(ends[0], number, sizeof number - 1);
        close(ends[0]);
        if (length <= 0)
            return;
        number[std::strcspn(number, "\n")] = '\0';
        display_ = std::string(":") + number;
        g_setenv("DISPLAY", display_.c_str(), TRUE);
    }
    ~XServer() { g_unsetenv("DISPLAY"); }
    XServer(const XServer &) = delete;
    XServer &operator=(const XServer &) = delete;

    const std::string &display() const { return display_; }

private:
    std::unique_ptr<Child> child_;
    std::string display_;
};

}  // namespace callagent::media
