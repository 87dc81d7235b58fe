// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "llm/json_probe.h"
#include "llm/json_scanner.h"
#include <optional>
#include <QByteArray>
#include <string>
#include <string_view>

namespace weir::llm {

/// Edits the model of a body that is too large to be held, while it passes. Every other byte goes on as it
/// came, in the same call. Held back is only a model's name whose end has not come, ModelTextMax bytes at
/// most.
///
/// Nobody can know whether another "model" follows, so each one in the top-level object is edited: for a
/// provider the last one counts. Where none came, one can be added as the object closes.
///
/// What turns out not to be JSON, to nest too deep or to name a model beyond ModelNameMax passes unchanged
/// from there on, readability() tells: what must not reach the provider has to be cut by the caller.
class ModelStream
{
public:
    /// Gets what happens. Nothing may feed the stream from inside.
    class Output
    {
    public:
        /// Bytes to send on. Never empty.
        virtual void onBytes(QByteArray bytes) = 0;
        /// The name, without escapes, of a model in the body; returns the one to send instead, nullopt to
        /// leave it. Borrowed until it returns.
        virtual std::optional<std::string> onModel(std::string_view model) = 0;
        /// Once at most: the top-level object closes and has no "model"; returns the one to add, or nullopt.
        virtual std::optional<std::string> onNoModel() = 0;

    protected:
        ~Output() = default;
    };

    /// `output` is borrowed for the stream's life.
    explicit ModelStream(Output &output) : m_output(output) {}

    void feed(const QByteArray &chunk);
    /// Once, when there are no more chunks: sends what is still held of a body that was cut.
    void finish();

    /// Readable: so far all is well; after finish(), that the body was whole.
    Readability readability() const { return m_readability; }
    /// Where it stopped being Readable, counted in the bytes that came: the byte at fault, the bracket too
    /// deep, or the quote that opens the name too long.
    std::size_t faultOffset() const { return m_faultOffset; }
    /// Members named "model" in the top-level object so far, whatever their value.
    std::size_t models() const { return m_models; }

private:
    void onStop(JsonScanner::Stop stop, const QByteArray &chunk, std::size_t at);
    void beginModel(const QByteArray &chunk, std::size_t at);
    void endModel(const QByteArray &chunk, std::size_t at);
    void closeObject(const QByteArray &chunk, std::size_t at);
    void appendToKey(std::string_view bytes);
    void passUntil(const QByteArray &chunk, std::size_t end);
    void letGo();
    void giveUp(Readability why, std::size_t offset);

    Output &m_output;
    JsonScanner m_scanner;
    Readability m_readability = Readability::Readable;
    std::size_t m_faultOffset = 0;
    std::string m_key;          // the key that is being read, as far as it matters
    std::string m_held;         // what earlier chunks brought of the model's name, its quote first
    std::size_t m_keyBegin = 0; // in this chunk
    std::size_t m_passed = 0;   // bytes of this chunk that were sent on, or are held
    std::size_t m_nameAt = 0;   // offset of the quote before the name that is held
    std::size_t m_models = 0;
    bool m_inKey = false;
    bool m_holding = false; // the model's name
    bool m_isModel = false; // the last key
    bool m_hasMembers = false;
};

} // namespace weir::llm
