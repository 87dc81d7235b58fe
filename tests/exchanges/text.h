// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <map>
#include <QByteArray>
#include <QByteArrayView>
#include <vector>

namespace weir::exchanges {

/// What only a running exchange knows: "port", "key", "upstream", … and its value.
using Names = std::map<QByteArray, QByteArray>;

/// Bytes as a document writes them: escapes (\r \n \t \\ \xHH), repetition ({100 * a}) and names ({key}), of
/// which the value is known later. A value type.
class Text
{
public:
    /// Most bytes that a repetition makes.
    static constexpr qsizetype RepeatedMax = 64 * 1024 * 1024;

    /// Reads `written`. On failure says why in `problem` and is empty.
    static Text read(QByteArrayView written, QByteArray &problem);
    /// The same, where only names stand for something else.
    static Text readNames(QByteArrayView written);

    void append(const Text &text) { m_parts.insert(m_parts.end(), text.m_parts.begin(), text.m_parts.end()); }
    /// With every name's value in its place; all of namesUsed() have to be there.
    QByteArray bytes(const Names &names) const;
    std::vector<QByteArray> namesUsed() const;
    bool isEmpty() const { return m_parts.empty(); }

private:
    struct Part
    {
        bool isName;
        QByteArray bytes;
    };

    void add(QByteArray bytes);
    void addName(QByteArray name);

    std::vector<Part> m_parts;
};

/// `bytes` as a document would write them, at most `most` of them, so that a person sees every one.
QByteArray written(QByteArrayView bytes, qsizetype most = 2000);

} // namespace weir::exchanges
