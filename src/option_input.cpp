#include "option_input.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include <CLI/CLI.hpp>

#include "option_table.h"
#include "option_values.h"

namespace callagent::option {
namespace {

std::string dashed(const Spec &spec)
{
    return std::string_view(spec.name) == "url" ? "URL" : std::string("--") + spec.name;
}

std::string variable(const Spec &spec)
{
    std::string name = std::string("CALLAGENT_") + spec.name;
    for (auto &c : name)
        c = c == '-' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return name;
}

// What a script fills in from somewhere, and which is missing where that fails.
bool is_secret(const Spec &spec)
{
    const std::string_view name = spec.name;
    return name == "token" || name == "token-file" || name == "turn-secret" ||
           name == "turn-secret-file";
}

CLI::Option *declare(CLI::App &app, const Spec &spec)
{
    if (std::string_view(spec.name) == "url")
        return app.add_option("url", spec.help)->take_last();
    const auto names = (spec.letter ? std::string("-") + spec.letter + "," : "") + "--" + spec.name;
    if (spec.flag())
        return app.add_flag(names, spec.help)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    return app.add_option(names, spec.help)
        ->multi_option_policy(spec.repeatable ? CLI::MultiOptionPolicy::TakeAll
                                              : CLI::MultiOptionPolicy::TakeLast);
}

Error unknown(const std::string &argument)
{
    if (!argument.starts_with('-'))
        return Error{"'" + argument +
                     "': there is one URL already, and nothing else goes without an "
                     "option; see --help"};
    const auto name = argument.substr(0, argument.find('='));
    return Error{name + ": no such option; nearest is --" +
                 nearest(name.substr(std::min(name.find_first_not_of('-'), name.size()))) +
                 ", all are in --help"};
}

}  // namespace

Place place(const All &all, std::string_view name)
{
    const auto found = all.find(name);
    return found == all.end() ? Place::Nowhere : found->second.place;
}

bool is_on(const All &all, std::string_view name)
{
    const auto found = all.find(name);
    if (found == all.end())
        return false;
    const auto value = boolean(found->second.values.back());
    return value && *value;
}

Result<All> read_command_line(int argc, const char *const *argv)
{
    CLI::App app;
    app.set_help_flag();
    app.allow_extras();
    std::vector<std::pair<const Spec *, CLI::Option *>> declared;
    for (const auto &spec : specs())
        declared.emplace_back(&spec, declare(app, spec));
    try {
        app.parse(argc, argv);
    } catch (const CLI::ArgumentMismatch &error) {
        const std::string_view what = error.what();
        return Error{std::string(what.substr(0, what.find(':'))) + " needs a value; see --help"};
    } catch (const CLI::ParseError &error) {
        return Error{std::string(error.what()) + "; see --help"};
    }

    All all;
    for (const auto &[spec, result] : declared)
        if (!result->results().empty())
            all[spec->name] = {Place::CommandLine, result->results(), dashed(*spec)};
    if (const auto rest = app.remaining(); !rest.empty() && !all.contains("help"))
        return unknown(rest.front());
    return all;
}

Status read_environment(All &all)
{
    for (const auto &spec : specs()) {
        const auto name = variable(spec);
        const char *value = std::getenv(name.c_str());
        if (!value || all.contains(spec.name))
            continue;
        if (!*value && is_secret(spec))
            return Error{name +
                         " is empty, and without a secret the door would be open: unset it, "
                         "or say what it is"};
        if (!*value)
            continue;
        auto &given = all[spec.name] = {Place::Environment, {value}, name};
        if (spec.repeatable)  // several stand there with spaces between
            given.values = CLI::detail::split_up(value);
    }
    return Done{};
}

Status read_file(const std::string &path, All &all)
{
    std::ifstream file(path);
    std::vector<CLI::ConfigItem> items;
    if (!file)
        return Error{"--config: cannot read '" + path + "': " + std::strerror(errno)};
    try {
        items = CLI::ConfigBase().from_config(file);
    } catch (const CLI::Error &error) {
        return Error{path + ": " + error.what()};
    }
    for (const auto &item : items) {
        const auto *spec = item.parents.empty() ? find(item.name) : nullptr;
        if (!spec || item.name == "config" || item.name == "help" || item.name == "version")
            return Error{path + ": '" + item.fullname() + "' is no option; nearest is '" +
                         nearest(item.name) + "'"};
        if (item.inputs.empty() || (item.inputs.size() > 1 && !spec->repeatable))
            return Error{path + ": " + item.name + " takes one value; put quotes around it"};
        if (place(all, item.name) > Place::File)
            continue;
        auto &given = all[item.name];
        given.place = Place::File;
        given.named = path + ": " + item.name;
        if (spec->repeatable)
            given.values.insert(given.values.end(), item.inputs.begin(), item.inputs.end());
        else
            given.values = item.inputs;
    }
    return Done{};
}

}  // namespace callagent::option
