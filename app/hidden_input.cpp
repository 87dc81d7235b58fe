// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/hidden_input.h"

#include <cerrno>
#include <cstdio>
#include <string>
#include <termios.h>
#include <unistd.h>

namespace weir::app {

namespace {

constexpr char Interrupt = '\x03'; // what Ctrl-C is while it raises no signal

/// Keeps the terminal from showing what is typed. Ctrl-C is read as a character meanwhile: a signal would
/// leave the terminal so.
class Blindfold
{
public:
    Blindfold()
    {
        m_isOn = ::tcgetattr(STDIN_FILENO, &m_before) == 0;
        termios silent = m_before;
        silent.c_lflag &= ~tcflag_t(ECHO | ISIG);
        m_isOn = m_isOn && ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0;
    }
    ~Blindfold()
    {
        if (m_isOn)
            ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &m_before);
    }
    Blindfold(const Blindfold &) = delete;
    Blindfold &operator=(const Blindfold &) = delete;
    bool isOn() const { return m_isOn; }

private:
    termios m_before{};
    bool m_isOn = false;
};

/// Not by stdio, which keeps what it has read in a buffer of its own.
std::optional<base::Secret> readAll(bool onlyALine)
{
    std::string text;
    text.reserve(HiddenInputMax); // or growing would leave copies behind
    while (text.size() < HiddenInputMax) {
        char byte = 0;
        const ssize_t count = ::read(STDIN_FILENO, &byte, 1);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return std::nullopt;
        if (count == 0 || (onlyALine && byte == '\n'))
            break;
        text += byte;
    }
    if (text.ends_with('\n'))
        text.pop_back();
    if (text.ends_with('\r'))
        text.pop_back();
    base::Secret secret(std::move(text));
    if (secret.reveal().find(Interrupt) != std::string_view::npos)
        return std::nullopt;
    return secret;
}

} // namespace

std::optional<base::Secret> readHidden(const QString &prompt)
{
    if (::isatty(STDIN_FILENO) == 0)
        return readAll(false);
    const Blindfold blindfold;
    if (!blindfold.isOn())
        return std::nullopt;
    std::fprintf(stderr, "%s", qUtf8Printable(prompt));
    auto secret = readAll(true);
    std::fprintf(stderr, "\n");
    return secret;
}

} // namespace weir::app
