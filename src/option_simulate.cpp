// --simulate KEY=VALUE,…: what kind of network this end pretends to have.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include "core/nearest.h"
#include "core/quote.h"
#include "option_values.h"

namespace callagent::option {
namespace {

using std::chrono::nanoseconds;

constexpr double kLongest = 10'000;  // ms
constexpr int kSlowest = 1'000;      // bit/s
constexpr int kFastest = 1'000'000'000;
constexpr int kLastSeed = 2'147'483'647;

// A number with one of the units behind it, in the first one's.
struct Unit {
    std::string_view name;
    double factor;
};
std::optional<double> measure(std::string_view text, std::span<const Unit> units)
{
    for (const auto &[name, factor] : units) {
        if (!text.ends_with(name))
            continue;
        const auto *end = text.data() + text.size() - name.size();
        double value = 0;
        const auto [stop, error] = std::from_chars(text.data(), end, value);
        if (error == std::errc() && stop == end && std::isfinite(value))
            return value * factor;
    }
    return std::nullopt;
}

Result<double> loss(std::string_view text)
{
    constexpr Unit kUnits[] = {{"%", 1}};
    const auto percent = measure(text, kUnits);
    if (!percent || *percent < 0 || *percent > 100)
        return Error{in_quotes(text) + " is not a share from 0% to 100%; write for example 5%"};
    return *percent / 100;
}

Result<nanoseconds> duration(std::string_view text)
{
    constexpr Unit kUnits[] = {{"ms", 1}, {"s", 1000}};
    const auto ms = measure(text, kUnits);
    if (!ms || *ms < 0 || *ms > kLongest)
        return Error{in_quotes(text) + " is not a time from 0ms to 10s; write for example 80ms"};
    return nanoseconds(std::llround(*ms * 1e6));
}

Status set(std::string_view key, const std::string &value, LinkConditions &link)
{
    const auto put = [](auto result, auto &field) {
        if (!result)
            return Status(Error{result.error()});
        field = *result;
        return Status(Done{});
    };
    if (key == "loss")
        return put(loss(value), link.loss);
    if (key == "delay")
        return put(duration(value), link.delay);
    if (key == "jitter")
        return put(duration(value), link.jitter);
    if (key == "rate")
        return put(bitrate(value, kSlowest, kFastest), link.rate);
    return put(duration(value), link.queue);
}

constexpr std::string_view kKeys[] = {"loss", "delay", "jitter", "rate", "queue"};

struct Setting {
    std::string_view key;  // with its prefix
    std::string value;
};

Result<std::vector<Setting>> settings_of(const std::string &text)
{
    std::vector<std::string_view> known{"seed"};
    std::vector<std::string> prefixed;
    for (const char *prefix : {"", "in.", "out."})
        for (const auto key : kKeys)
            prefixed.push_back(prefix + std::string(key));
    known.insert(known.end(), prefixed.begin(), prefixed.end());

    std::vector<Setting> settings;
    for (std::string_view rest = text;;) {
        const auto one = rest.substr(0, rest.find(','));
        const auto key = one.substr(0, one.find('='));
        if (one.empty())
            return Error{in_quotes(text) +
                         " has an empty place; write KEY=VALUE,… as in loss=5%,in.delay=80ms"};
        if (std::find(known.begin(), known.end(), key) == known.end())
            return Error{in_quotes(key) + " cannot be simulated; nearest is " +
                         std::string(nearest(key, known)) +
                         ", and there are loss, delay, jitter, rate, queue (for one direction: "
                         "in.loss, out.loss, …) and seed"};
        if (key.size() == one.size())
            return Error{in_quotes(key) + " has no value; write " + std::string(key) + "=VALUE"};
        if (std::any_of(settings.begin(), settings.end(),
                        [key](const Setting &other) { return other.key == key; }))
            return Error{in_quotes(key) + " stands there twice"};
        settings.push_back({key, std::string(one.substr(key.size() + 1))});
        if (one.size() == rest.size())
            return settings;
        rest.remove_prefix(one.size() + 1);
    }
}

}  // namespace

Result<Simulation> simulation(const std::string &text)
{
    const auto settings = settings_of(text);
    if (!settings)
        return Error{settings.error()};

    Simulation simulation;
    const std::array directions{std::pair("in.", &simulation.in),
                                std::pair("out.", &simulation.out)};
    const auto apply = [&](const Setting &setting) -> Status {
        if (setting.key == "seed") {
            const auto seed = integer(setting.value, 0, kLastSeed);
            if (!seed)
                return Error{seed.error()};
            simulation.seed = static_cast<std::uint32_t>(*seed);
            return Done{};
        }
        const bool both = setting.key.find('.') == std::string_view::npos;
        for (const auto &[prefix, link] : directions)
            if (both || setting.key.starts_with(prefix))
                if (auto done =
                        set(setting.key.substr(setting.key.find('.') + 1), setting.value, *link);
                    !done)
                    return done;
        return Done{};
    };
    // What is said of one direction counts there, wherever it stands.
    for (const bool both : {true, false})
        for (const auto &setting : *settings)
            if ((setting.key.find('.') == std::string_view::npos) == both)
                if (const auto applied = apply(setting); !applied)
                    return Error{std::string(setting.key) + ": " + applied.error()};

    for (const auto &[prefix, link] : directions)
        if (link->jitter > link->delay)
            return Error{std::string(prefix) +
                         "jitter is more than the delay, which it makes shorter and longer: write "
                         "a delay of at least as much"};
    for (const auto &[key, value] : *settings)
        if (key.ends_with("queue") && !(key != "out.queue" && simulation.in.rate > 0) &&
            !(key != "in.queue" && simulation.out.rate > 0))
            return Error{std::string(key) +
                         ": nothing waits without a rate; write for example rate=500k"};
    return simulation;
}

}  // namespace callagent::option
