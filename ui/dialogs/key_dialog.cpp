// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/dialogs/key_dialog.h"

#include "ui/format.h"
#include <QCheckBox>
#include <QComboBox>
#include <QDateTimeEdit>
#include <QFormLayout>
#include <QGroupBox>
#include <QHBoxLayout>
#include <QJsonArray>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QSpinBox>
#include <QVBoxLayout>

namespace weir::ui {

namespace {

constexpr int LabelMax = 100;
constexpr int WindowHoursMax = 24 * 31;
constexpr int MsPerHour = 3'600'000;
/// What a key that shall expire is offered at first.
constexpr int ExpiresInDays = 30;

QString titleOf(KeyDialog::Part part)
{
    switch (part) {
    case KeyDialog::Part::Everything:
        return KeyDialog::tr("New access key");
    case KeyDialog::Part::Label:
        return KeyDialog::tr("Rename access key");
    case KeyDialog::Part::Rules:
        return KeyDialog::tr("Limits and rules");
    }
    return {};
}

QJsonValue textOrNull(const QString &text)
{
    return text.isEmpty() ? QJsonValue(QJsonValue::Null) : QJsonValue(text);
}

QStringList namesIn(const QString &text)
{
    QStringList names;
    for (const QString &part : text.split(QLatin1Char(','), Qt::SkipEmptyParts)) {
        if (const QString name = part.trimmed(); !name.isEmpty())
            names += name;
    }
    return names;
}

/// The members of `now` that are not so in `before`; objects within are compared member by member.
QJsonObject difference(const QJsonObject &before, const QJsonObject &now)
{
    QJsonObject changed;
    for (auto member = now.begin(); member != now.end(); ++member) {
        const QJsonValue old = before[member.key()];
        if (*member == old)
            continue;
        if (member->isObject())
            changed[member.key()] = difference(old.toObject(), member->toObject());
        else
            changed[member.key()] = *member;
    }
    return changed;
}

} // namespace

KeyDialog::KeyDialog(Part part, const AccessKeyRow &key, const QStringList &providers, QWidget *parent)
    : TaskDialog(titleOf(part), part == Part::Everything ? tr("&Create") : tr("&Save"), parent), m_part(part)
{
    auto *form = new QFormLayout;
    form->setFieldGrowthPolicy(QFormLayout::ExpandingFieldsGrow);
    if (part != Part::Rules) {
        m_label = new QLineEdit(key.label, this);
        m_label->setObjectName(QStringLiteral("label"));
        m_label->setMaxLength(LabelMax);
        m_label->setPlaceholderText(tr("who or what will use it, e.g. Claude Code on the laptop"));
        form->addRow(tr("L&abel:"), m_label);
    } else {
        setText(tr("Of “%1”. Changes apply to the next request.").arg(key.label));
    }
    if (part != Part::Label)
        addRules(*form, key, providers);
    content()->addLayout(form);
    if (part != Part::Label)
        addLimits(key);
    if (part != Part::Everything)
        m_shown = entered();
}

void KeyDialog::addRules(QFormLayout &form, const AccessKeyRow &key, const QStringList &providers)
{
    m_provider = new QComboBox(this);
    m_provider->addItem(tr("as routed"), QString());
    for (const QString &name : providers)
        m_provider->addItem(name, name);
    if (m_provider->findData(key.provider) < 0) // one that is no longer configured
        m_provider->addItem(key.provider, key.provider);
    m_provider->setCurrentIndex(m_provider->findData(key.provider));
    form.addRow(tr("P&rovider:"), m_provider);

    m_model = new QLineEdit(key.model, this);
    m_model->setPlaceholderText(tr("the one that is asked for"));
    m_model->setToolTip(tr("Sent in place of whatever model the tool asks for"));
    form.addRow(tr("&Model:"), m_model);
    m_allowedModels = new QLineEdit(key.allowedModels.join(QStringLiteral(", ")), this);
    m_allowedModels->setPlaceholderText(tr("all; else names between commas"));
    form.addRow(tr("All&owed models:"), m_allowedModels);

    m_priority = new QComboBox(this);
    m_priority->addItem(tr("interactive"), QStringLiteral("interactive"));
    m_priority->addItem(tr("background: waits behind the others"), QStringLiteral("background"));
    m_priority->setCurrentIndex(key.isBackground ? 1 : 0);
    form.addRow(tr("Pr&iority:"), m_priority);

    m_expires = new QCheckBox(tr("on"), this);
    m_expires->setChecked(key.expiresAt.has_value());
    m_expires->setAccessibleName(tr("Expires"));
    m_expiresAt = new QDateTimeEdit(this);
    m_expiresAt->setCalendarPopup(true);
    m_expiresAt->setDisplayFormat(QStringLiteral("yyyy-MM-dd HH:mm"));
    m_expiresAt->setDateTime(key.expiresAt ? key.expiresAt->toLocalTime()
                                           : QDateTime::currentDateTime().addDays(ExpiresInDays));
    m_expiresAt->setAccessibleName(tr("Day and time from which it no longer works"));
    m_expiresAt->setEnabled(m_expires->isChecked());
    connect(m_expires, &QCheckBox::toggled, m_expiresAt, &QWidget::setEnabled);
    auto *expiry = new QHBoxLayout;
    expiry->addWidget(m_expires);
    expiry->addWidget(m_expiresAt);
    expiry->addStretch();
    auto *expiryLabel = new QLabel(tr("E&xpires:"), this);
    expiryLabel->setBuddy(m_expires);
    form.addRow(expiryLabel, expiry);
}

void KeyDialog::addLimits(const AccessKeyRow &key)
{
    auto *group = new QGroupBox(tr("Limits; an empty one is none"), this);
    auto *form = new QFormLayout(group);
    form->setFieldGrowthPolicy(QFormLayout::ExpandingFieldsGrow);
    QLineEdit *window =
        addLimit(*form, "tokens_per_window", tr("&Tokens per window:"), key.limits.tokensPerWindow);
    m_windowHours = new QSpinBox(group);
    m_windowHours->setRange(1, WindowHoursMax);
    m_windowHours->setValue(int(key.limits.windowMs / MsPerHour));
    m_windowHours->setSuffix(tr(" h"));
    m_windowHours->setAccessibleName(tr("Length of the window in hours"));
    auto *row = new QHBoxLayout;
    row->addWidget(window, 1);
    row->addWidget(new QLabel(tr("of the last"), group));
    row->addWidget(m_windowHours);
    auto *label = new QLabel(tr("&Tokens per window:"), group);
    label->setBuddy(window);
    form->addRow(label, row);
    addLimit(*form, "tokens_per_day", tr("Tokens per &day:"), key.limits.tokensPerDay);
    addLimit(*form, "tokens_per_minute", tr("Tokens per mi&nute:"), key.limits.tokensPerMinute);
    addLimit(*form, "requests_per_minute", tr("Re&quests per minute:"), key.limits.requestsPerMinute);
    addLimit(*form, "concurrent", tr("At the &same time:"), key.limits.concurrent);
    content()->addWidget(group);
}

QLineEdit *KeyDialog::addLimit(QFormLayout &form, const char *key, const QString &name,
                               const std::optional<qint64> &value)
{
    auto *field = new QLineEdit(form.parentWidget());
    field->setObjectName(QLatin1String(key));
    field->setPlaceholderText(tr("no limit"));
    field->setToolTip(tr("A whole number; 100 k and 1.5 M are understood"));
    if (value)
        field->setText(QLocale().toString(*value));
    m_limits.push_back({key, QString(name).remove(QLatin1Char('&')).remove(QLatin1Char(':')), field});
    if (m_limits.size() == 1)
        field->setAccessibleName(m_limits.back().name); // its row is made by hand
    else
        form.addRow(name, field);
    return field;
}

QString KeyDialog::mistake()
{
    if (m_label && m_label->text().trimmed().isEmpty()) {
        m_label->setFocus();
        return tr("The label is missing.");
    }
    for (const LimitField &limit : m_limits) {
        const QString text = limit.field->text().trimmed();
        if (text.isEmpty())
            continue;
        const auto number = format::readCount(text);
        if (!number || *number < 1) {
            limit.field->setFocus();
            limit.field->selectAll();
            return tr("%1: “%2” is not a whole number above 0.").arg(limit.name, text);
        }
    }
    return {};
}

QJsonObject KeyDialog::entered() const
{
    QJsonObject json;
    if (m_label)
        json[QLatin1String("label")] = m_label->text().trimmed();
    if (!m_provider)
        return json;
    json[QLatin1String("provider")] = textOrNull(m_provider->currentData().toString());
    json[QLatin1String("model")] = textOrNull(m_model->text().trimmed());
    json[QLatin1String("allowed_models")] = QJsonArray::fromStringList(namesIn(m_allowedModels->text()));
    json[QLatin1String("priority")] = m_priority->currentData().toString();
    json[QLatin1String("expires_at")] =
        m_expires->isChecked() ? QJsonValue(m_expiresAt->dateTime().toUTC().toString(Qt::ISODateWithMs))
                               : QJsonValue(QJsonValue::Null);
    QJsonObject limits;
    for (const LimitField &limit : m_limits) {
        const auto number = format::readCount(limit.field->text());
        limits[QLatin1String(limit.key)] = number && !limit.field->text().trimmed().isEmpty()
                                               ? QJsonValue(qint64(*number))
                                               : QJsonValue(QJsonValue::Null);
    }
    limits[QLatin1String("window_ms")] = qint64(m_windowHours->value()) * MsPerHour;
    json[QLatin1String("limits")] = limits;
    return json;
}

QJsonObject KeyDialog::changes() const
{
    if (m_part != Part::Everything)
        return difference(m_shown, entered());
    // Of a new key there is nothing to take away.
    QJsonObject json = entered();
    QJsonObject limits = json[QLatin1String("limits")].toObject();
    for (QJsonObject *object : {&limits, &json}) {
        const QStringList names = object->keys();
        for (const QString &name : names) {
            const QJsonValue value = object->value(name);
            if (value.isNull() || (value.isArray() && value.toArray().isEmpty()))
                object->remove(name);
        }
    }
    json[QLatin1String("limits")] = limits;
    return json;
}

} // namespace weir::ui
